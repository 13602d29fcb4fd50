"""The served model: the champion of the workspace, reloaded when it changes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import NoReturn

from flows.api.schema import STARTER
from pipeline.model.registry import FILE, Registry, Version
from pipeline.predict.predictor import Predictor
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.api")

CHECK_SECONDS = 1.0
WARM_UP = ["조용하고 살기 좋아요"]


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
        self._stamp = self._read_stamp()
        self.served = self._load()

    async def watch(self) -> NoReturn:
        """Reload the champion, in a thread, whenever the registry names another one."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await asyncio.to_thread(self._refresh)

    def _refresh(self) -> None:
        """Load the registry's current champion; if that fails, keep the loaded model."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.served = self._load(self.served)
        except Exception as error:  # after any error with the new model, keep the loaded one
            logger.warning(
                "%s stays in use, the new champion cannot be loaded: %s", _title(self.served), error
            )

    def _load(self, earlier: Served | None = None) -> Served:
        version = self._registry.champion
        if earlier and _model_of(earlier.version) == _model_of(version):
            return Served(earlier.predictor, version)
        if version:
            manifest = self._registry.model(version.number)
            served = Served(Predictor(manifest, self._workspace.memo_folder), version)
        elif self._registry.versions():
            self._registry.champion_model()  # raises an error that says what to do
        else:
            served = Served(StarterPredictor())
        served.predictor.answers(WARM_UP)
        logger.info("serving %s", _title(served))
        return served

    def _read_stamp(self) -> tuple[int, int]:
        """File stamp that changes whenever the registry is written (this replaces the file)."""
        try:
            stat = (self._workspace.root / FILE).stat()
        except FileNotFoundError:
            return 0, 0
        return stat.st_ino, stat.st_mtime_ns


def _model_of(version: Version | None) -> str:
    return version.model if version else ""


def _title(served: Served) -> str:
    return f"version {served.name}" if served.version else "the starter (nothing is trained yet)"
