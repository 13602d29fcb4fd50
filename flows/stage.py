"""A Prefect task from a function that writes a stage's files."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.stage")

P = ParamSpec("P")


class Output(NamedTuple):
    """What a stage's function reports of the files it wrote into its folder."""

    files: list[str]
    rows: int
    details: dict[str, Any]


def stage(
    name: str, *, version: int
) -> Callable[
    [Callable[Concatenate[Path, P], Output]], Callable[Concatenate[Workspace, P], Manifest]
]:
    """Make a task of a function that takes a folder to write to, then manifests and settings.

    The task takes the workspace in place of the folder. It runs the function only when the
    workspace holds no intact output for the same inputs, settings and version; otherwise it ends
    in the state Cached. All arguments are positional.
    """

    def decorate(
        make: Callable[Concatenate[Path, P], Output],
    ) -> Callable[Concatenate[Workspace, P], Manifest]:
        @functools.wraps(make)
        def run(workspace: Workspace, *inputs: Any) -> Any:
            key = stage_key(version, *inputs)
            if done := workspace.finished(name, key):
                logger.info("%s: served from cache", name)
                return Completed(name="Cached", message=str(done.folder), data=done)
            begun = time.monotonic()
            output = cast(Any, make)(workspace.folder(name, key), *inputs)
            manifest = workspace.finish(name, key, *output)
            logger.info("%s: done in %.1f s", name, time.monotonic() - begun)
            return manifest

        as_task: Any = task(name=name, task_run_name=name, cache_policy=NO_CACHE)(run)

        @functools.wraps(make)
        def call(workspace: Workspace, *inputs: Any) -> Any:
            answer = as_task(workspace, *inputs)
            return answer.result() if isinstance(answer, State) else answer

        return cast(Callable[Concatenate[Workspace, P], Manifest], call)

    return decorate
