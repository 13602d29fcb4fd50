"""The end-to-end flow as plain functions, without Prefect, on the demo source.

Replaces Prefect's decorators by identity functions and its task runner by a thread pool, and
omits artifacts. Run with ``python -m tests.benchmarks.flow_direct WORKSPACE``.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import prefect

from pipeline.runtime import count_workers
from pipeline.settings import load_settings
from pipeline.storage.workspace import Workspace


def main() -> None:
    """Run the stages."""
    put(prefect, flow=unchanged, task=unchanged)
    from flows import artifacts, tokenize
    from flows.end_to_end import review_sentiment

    put(artifacts, _quietly=unchanged)
    put(tokenize, task_runner=threads, as_completed=concurrent.futures.as_completed)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s", force=True)
    workspace = Workspace(Path(sys.argv[1]))
    workspace.check()
    review_sentiment(workspace, load_settings())


def put(module: ModuleType, **names: Any) -> None:
    """Replace attributes of a module."""
    for name, value in names.items():
        setattr(module, name, value)


def unchanged(function: Any = None, **_: Any) -> Any:
    """Identity decorator, with or without options."""
    return function or unchanged


class _Pool:
    def __init__(self, pool: concurrent.futures.Executor) -> None:
        self._pool = pool

    def submit(self, piece: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        return self._pool.submit(piece, **parameters)


@contextlib.contextmanager
def threads(settings: Any) -> Iterator[_Pool]:
    """Thread pool of the size in the runner's settings."""
    with concurrent.futures.ThreadPoolExecutor(count_workers(settings.workers)) as pool:
        yield _Pool(pool)


if __name__ == "__main__":
    main()
