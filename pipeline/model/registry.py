"""The models of a workspace: their versions, what they are worth, and the champion among them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import InputError, WorkspaceError
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.workspace import Workspace

FILE = "models.json"
FIRST = "the first model of the workspace"
"""Why it is the champion."""


class Version(BaseModel):
    """A model that was trained and evaluated.

    Attributes:
        number: 1 for the first of a workspace.
        model: Folder of the model below the workspace.
        report: Folder of its report below the workspace; empty before there is one.
        made: When it was registered, ISO 8601.
        source: What its reviews are from.
        metric: The figure that models are compared by.
        network: Its value on the test split.
        baseline: That of the baseline.
        profile: Folder of what its reviews are like, below the workspace.
        passed: Share of the behaviour tests that it passes.
        status: ``champion`` is the one that ``predict`` uses.
        reason: Why it has this status.
        rival: Number of the champion when it was registered; None for the first.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    model: str
    report: str = ""
    made: str
    source: str = ""
    metric: str = ""
    network: float | None = None
    baseline: float | None = None
    profile: str = ""
    passed: float | None = None
    status: Literal["champion", "candidate", "former"] = "candidate"
    reason: str = ""
    rival: int | None = None


class Registry:
    """The versions of a workspace, in ``models.json``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.root / FILE

    def __repr__(self) -> str:
        return f"Registry({str(self._path)!r})"

    def versions(self) -> list[Version]:
        """All versions, the oldest first.

        Raises:
            WorkspaceError: The file is damaged.
        """
        try:
            return [Version(**one) for one in json.loads(self._path.read_bytes())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, ValidationError) as error:
            raise WorkspaceError(
                f"{self._path} is damaged: {error}; delete it and run `review-sentiment run`"
            ) from error

    @property
    def champion(self) -> Version | None:
        """The version that ``predict`` uses; None before the first."""
        return next((one for one in self.versions() if one.status == "champion"), None)

    def champion_model(self) -> Manifest:
        """The champion's files.

        Raises:
            WorkspaceError: There is no champion yet, or its files were changed since.
        """
        champion = self.champion
        if champion is None:
            raise WorkspaceError(
                f"the workspace {self._workspace.root} holds no trained model; "
                "train one first with `review-sentiment run`"
            )
        return self._model(champion)

    def model(self, number: int) -> Manifest:
        """The files of a version.

        Raises:
            InputError: There is no such version.
            WorkspaceError: Its files are missing or were changed.
        """
        versions = self.versions()
        chosen = next((one for one in versions if one.number == number), None)
        if chosen is None:
            known = ", ".join(str(one.number) for one in versions) or "none"
            raise InputError(f"no version {number}; known versions: {known}")
        return self._model(chosen)

    def rival_of(self, model: Manifest) -> Version | None:
        """The version that was the champion when a model was registered; None for the first."""
        versions = {one.number: one for one in self.versions()}
        below = self._workspace.relative(model.folder)
        number = next((one.rival for one in versions.values() if one.model == below), None)
        return versions.get(number) if number else None

    def model_of(self, version: Version) -> Manifest | None:
        """A version's files; None when they are gone or were changed."""
        return self._intact(version.model)

    def profile_of(self, version: Version) -> Manifest | None:
        """What the reviews are like that a version learnt from, where that is known."""
        return self._intact(version.profile) if version.profile else None

    def add(self, model: Manifest, **known: Any) -> Version:
        """Register a model, or what is newly known of one, as it stands.

        The first model of a workspace is its champion.
        """
        versions = self.versions()
        folder = self._workspace.relative(model.folder)
        for place, one in enumerate(versions):
            if one.model == folder:
                versions[place] = one.model_copy(update=known)
                self._write(versions)
                return versions[place]
        champion = self.champion
        made = Version(
            number=len(versions) + 1,
            model=folder,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            **known,
        )
        if champion is None:
            first = {"status": "champion", "reason": FIRST}
            made = made.model_copy(update=first)
        else:
            made = made.model_copy(update={"rival": champion.number})
        self._write([*versions, made])
        return made

    def promote(self, number: int, reason: str) -> Version:
        """Make a version the champion.

        Raises:
            InputError: There is no such version.
            WorkspaceError: Its files are gone or were changed.
        """
        versions = self.versions()
        self.model(number)
        updated = []
        for one in versions:
            if one.number == number:
                one = one.model_copy(update={"status": "champion", "reason": reason})
            elif one.status == "champion":
                reason_of_former = f"version {number} took its place"
                one = one.model_copy(update={"status": "former", "reason": reason_of_former})
            updated.append(one)
        self._write(updated)
        return updated[number - 1]

    def _model(self, version: Version) -> Manifest:
        manifest = self.model_of(version)
        if manifest is None:
            raise WorkspaceError(
                f"the model in {self._workspace.root / version.model} is incomplete or was changed "
                "after training; train it again with `review-sentiment run`"
            )
        return manifest

    def _intact(self, folder: str) -> Manifest | None:
        manifest = read_manifest(self._workspace.root / folder / "manifest.json")
        return manifest if manifest and manifest.is_intact() else None

    def _write(self, versions: list[Version]) -> None:
        write_json(self._path, [one.model_dump(mode="json") for one in versions])
