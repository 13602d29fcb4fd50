"""The served model: the champion of the workspace, reloaded when it changes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import NoReturn

from flows.api.schema import STARTER
from pipeline.errors import WorkspaceError
from pipeline.model.registry import FILE, Registry, Version
from pipeline.predict.predictor import Predictor
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.api")

CHECK_SECONDS = 1.0
WARM_UP = ["조용하고 살기 좋아요"]

Stamp = tuple[int, ...]
MISSING: Stamp = (0,)
UNKNOWN: Stamp = ()


@dataclass(frozen=True)
class Served:
    """A loaded model.

    Attributes:
        predictor: The model.
        version: Its version; None for the starter.
    """

    predictor: TextPredictor
    version: Version | None = None

    @property
    def name(self) -> str:
        """Version number, or the name of the starter."""
        return str(self.version.number) if self.version else STARTER


class Champion:
    """Keeps the champion loaded, or the starter if there is no version yet.

    Attributes:
        served: The model for new requests. A running request keeps the model it started with.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Load the champion.

        Raises:
            WorkspaceError: No version is the champion, or its files are missing or were changed.
        """
        self._workspace = workspace
        self._registry = Registry(workspace)
        self._path = workspace.root / FILE
        self._said = ""
        self._stamp = self._read_stamp()
        self.served = self._load()

    async def watch(self) -> NoReturn:
        """Reload the champion, in a thread, whenever the registry names another one."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Load the registry's current champion; after any error, keep the loaded model.

        The same error is logged once. After an error of the file system, the next call tries again,
        because what was wrong may have passed without a change of the registry.
        """
        try:
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                self.served = self._load(self.served)
                if self._said:
                    logger.info("the champion of the workspace can be loaded again")
                self._said = ""
        except Exception as error:
            if isinstance(error.__cause__ or error, OSError):
                self._stamp = UNKNOWN
            self._say(str(error))

    def _say(self, problem: str) -> None:
        if problem != self._said:
            logger.warning(
                "%s stays in use, the champion of the workspace cannot be loaded: %s",
                *(_title(self.served), problem),
            )
        self._said = problem

    def _load(self, earlier: Served | None = None) -> Served:
        version = self._registry.champion
        if earlier and _model_of(earlier.version) == _model_of(version):
            return Served(earlier.predictor, version)
        if version:
            manifest = self._registry.model(version.number)
            served = Served(Predictor(manifest, self._workspace.memo_folder), version)
        elif self._registry.versions():
            self._registry.champion_model()  # raises an error that says what to do
        elif earlier and earlier.version and self._read_stamp() == MISSING:
            raise WorkspaceError(  # the versions may only have been moved for a while
                f"{self._path} is missing; put it back, or restart `review-sentiment api` to use "
                "the starter"
            )
        else:
            served = Served(StarterPredictor())
        served.predictor.answers(WARM_UP)
        logger.info("serving %s", _title(served))
        return served

    def _read_stamp(self) -> Stamp:
        """File stamp that changes whenever the registry is written or its permissions change."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return MISSING
        return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns


def _model_of(version: Version | None) -> str:
    return version.model if version else ""


def _title(served: Served) -> str:
    return f"version {served.name}" if served.version else "the starter (nothing is trained yet)"
