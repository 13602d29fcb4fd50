"""Equal plots are drawn once: drawing takes most of the time of a report."""

from __future__ import annotations

import functools
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.report import plots

_DRAWN: dict[bytes, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def plots_are_drawn_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, draw in inspect.getmembers(plots, inspect.isfunction):
            if draw.__module__ == plots.__name__ and not name.startswith("_"):
                patch.setattr(plots, name, _once(draw))
        yield


def _once(draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def drawn(*arguments: Any, **named: Any) -> Any:
        key = pickle.dumps((draw.__name__, arguments, named))
        if key not in _DRAWN:
            _DRAWN[key] = draw(*arguments, **named)
        return _DRAWN[key]

    return drawn
