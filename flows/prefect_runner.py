"""Stages as Prefect tasks, and their pieces on a Prefect task runner."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, ParamSpec, Self, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import as_completed
from prefect.states import Completed
from prefect.task_runners import TaskRunner

from flows.task_runner import task_runner
from pipeline.settings import RunnerSettings
from pipeline.stages.runner import Pool, Runner
from pipeline.stages.stage import Stage
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.stage")

P = ParamSpec("P")


class PrefectRunner(Runner):
    """Runs each stage as a task; a stage whose output already exists ends in the state Cached."""

    def run(self, stage: Stage[P], *inputs: P.args, **means: P.kwargs) -> Manifest:
        """See :meth:`pipeline.stages.runner.Runner.run`."""
        answer: Any = _as_task(stage)(self.workspace, *inputs, **means)
        manifest = answer.result() if isinstance(answer, State) else answer
        return cast(Manifest, manifest)

    def pool(self, settings: RunnerSettings) -> AbstractContextManager[Pool]:
        """See :meth:`pipeline.stages.runner.Runner.pool`; the pool may be a Dask cluster."""
        return PrefectPool(task_runner(settings))


def _as_task(stage: Stage[Any]) -> Any:
    @functools.wraps(stage.make)
    def run(workspace: Workspace, *inputs: Any, **means: Any) -> Any:
        if done := stage.finished(workspace, *inputs):
            logger.info("%s: served from cache", stage.name)
            return Completed(name="Cached", message=str(done.folder), data=done)
        return stage.run(workspace, *inputs, **means)

    return task(name=stage.name, task_run_name=stage.name, cache_policy=NO_CACHE)(cast(Any, run))


class PrefectPool:
    """The workers of a Prefect task runner as a :class:`pipeline.stages.runner.Pool`."""

    def __init__(self, runner: TaskRunner[Any]) -> None:
        self._runner = runner

    def __enter__(self) -> Self:
        self._runner = self._runner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.__exit__(kind, error, trace)

    def each(
        self, function: Callable[..., Any], calls: Sequence[dict[str, Any]], *, name: str
    ) -> Iterator[tuple[int, Any]]:
        """See :meth:`pipeline.stages.runner.Pool.each`; each call is a task run of that name."""
        piece = task(task_run_name=name, cache_policy=NO_CACHE)(function)
        index = {self._runner.submit(piece, parameters=call): at for at, call in enumerate(calls)}
        for future in as_completed(list(index)):
            yield index[future], future.result()
