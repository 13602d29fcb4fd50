"""A stage: a function that writes files, called only when the workspace lacks its output."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec

from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.stage")

P = ParamSpec("P")


class Output(NamedTuple):
    """What a stage's function returns about the files it wrote into its folder."""

    files: list[str]
    rows: int
    details: dict[str, Any]


@dataclass(frozen=True)
class Stage(Generic[P]):
    """A function with a name and a version; made by :func:`stage`.

    Attributes:
        name: Name of the stage's folder in the workspace.
        version: Part of the key; incremented when the function's output changes.
        make: Takes the folder to write to, then inputs and means. Positional inputs (manifests,
            settings, files) are hashed into the key; keyword arguments (a pool, a cache folder)
            are means that must not change the output.
    """

    name: str
    version: int
    make: Callable[Concatenate[Path, P], Output]

    def finished(self, workspace: Workspace, *inputs: Any) -> Manifest | None:
        """The manifest of an earlier run on the same inputs whose files are intact."""
        return workspace.finished(self.name, stage_key(self.version, *inputs))

    def run(self, workspace: Workspace, *inputs: P.args, **means: P.kwargs) -> Manifest:
        """Call the function and write the manifest, even if there is an earlier manifest."""
        key = stage_key(self.version, *inputs)
        started = time.monotonic()
        output = self.make(workspace.folder(self.name, key), *inputs, **means)
        manifest = workspace.finish(self.name, key, *output)
        logger.info("%s: done in %.1f s", self.name, time.monotonic() - started)
        return manifest


def stage(
    name: str, *, version: int
) -> Callable[[Callable[Concatenate[Path, P], Output]], Stage[P]]:
    """Turn a function into a :class:`Stage`; used as a decorator."""
    return lambda make: Stage(name, version, make)
