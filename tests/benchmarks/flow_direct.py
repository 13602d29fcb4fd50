"""The end-to-end flow as plain functions, with no Prefect between them: one demo run.

Prefect's decorators give their functions back unchanged, its pool is a pool of threads, and its
artifacts are left out. ``python -m tests.benchmarks.flow_direct WORKSPACE``
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

    put(artifacts, _call_safely=unchanged)
    put(tokenize, task_runner=threads, as_completed=concurrent.futures.as_completed)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s", force=True)
    workspace = Workspace(Path(sys.argv[1]))
    workspace.check()
    review_sentiment(workspace, load_settings())


def put(module: ModuleType, **names: Any) -> None:
    """Let names of a module mean something else."""
    for name, value in names.items():
        setattr(module, name, value)


def unchanged(function: Any = None, **_: Any) -> Any:
    """A decorator that does nothing, with options or without."""
    return function or unchanged


class _Pool:
    def __init__(self, pool: concurrent.futures.Executor) -> None:
        self._pool = pool

    def submit(self, piece: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        return self._pool.submit(piece, **parameters)


@contextlib.contextmanager
def threads(settings: Any) -> Iterator[_Pool]:
    """As many threads as the runner's settings ask for."""
    with concurrent.futures.ThreadPoolExecutor(count_workers(settings.workers)) as pool:
        yield _Pool(pool)


if __name__ == "__main__":
    main()
