"""Equal plots are drawn once: drawing takes most of the time of a report."""

from __future__ import annotations

import functools
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.report import plots, topic_plots

_DRAWN: dict[bytes, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def plots_are_drawn_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (plots, topic_plots):
            for name, draw in inspect.getmembers(module, inspect.isfunction):
                if (
                    draw.__module__ == module.__name__
                    and draw.__annotations__["return"] == "Markup"
                ):
                    patch.setattr(module, name, _once(draw))
        yield


def _once(draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def drawn(*arguments: Any, **named: Any) -> Any:
        key = pickle.dumps((draw.__name__, arguments, named))
        if key not in _DRAWN:
            _DRAWN[key] = draw(*arguments, **named)
        return _DRAWN[key]

    return drawn
