"""Runs stages in this process; a subclass runs them in an orchestrator."""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, ParamSpec, Protocol, Self

from pipeline.errors import SettingsError
from pipeline.runtime import count_workers
from pipeline.settings import RunnerSettings
from pipeline.stages.stage import Stage
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.stage")

P = ParamSpec("P")


class Pool(Protocol):
    """Workers that run calls of a function in parallel."""

    def each(
        self, function: Callable[..., Any], calls: Sequence[dict[str, Any]], *, name: str
    ) -> Iterator[tuple[int, Any]]:
        """Call a function once for each set of arguments.

        Args:
            function: Must be importable by name, so that a worker in another process finds it.
            calls: Keyword arguments of each call.
            name: Template of a call's display name, such as ``"tokens {rows.start}"``.

        Yields:
            Index and result of each call, in order of completion.
        """


PoolOpener = Callable[[], AbstractContextManager[Pool]]


class Runner:
    """Runs stages one after the other in this process, and pieces of a stage in threads.

    Attributes:
        workspace: Where the stages read and write their files.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def run(self, stage: Stage[P], *inputs: P.args, **means: P.kwargs) -> Manifest:
        """The stage's output for these inputs, taken from the workspace if already there."""
        if done := stage.finished(self.workspace, *inputs):
            logger.info("%s: served from cache", stage.name)
            return done
        return stage.run(self.workspace, *inputs, **means)

    def pool(self, settings: RunnerSettings) -> AbstractContextManager[Pool]:
        """Workers for the pieces of a stage.

        Raises:
            SettingsError: The settings name a cluster, which needs an orchestrator.
        """
        if settings.kind != "threads":
            raise SettingsError(
                f"runner.kind = {settings.kind} works in a flow only: use the command line"
            )
        return ThreadPool(count_workers(settings.workers))


class ThreadPool:
    """Threads of this process as a :class:`Pool`."""

    def __init__(self, workers: int) -> None:
        self._executor = concurrent.futures.ThreadPoolExecutor(workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown(cancel_futures=error is not None)

    def each(
        self, function: Callable[..., Any], calls: Sequence[dict[str, Any]], *, name: str
    ) -> Iterator[tuple[int, Any]]:
        """See :meth:`Pool.each`; threads do not use the name."""
        index = {self._executor.submit(function, **call): at for at, call in enumerate(calls)}
        for future in concurrent.futures.as_completed(index):
            yield index[future], future.result()
