"""Model registry of a workspace: versions, their metrics and the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from pipeline.bounded_json import load_json
from pipeline.errors import InputError, WorkspaceError
from pipeline.redact import redact
from pipeline.storage import names
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.workspace import Workspace

FILE = "models.json"
FIRST = "the first model of the workspace"
"""Reason of the first champion."""


class Version(BaseModel):
    """A registered model.

    Attributes:
        number: Version number, from 1.
        model: Folder of the model, relative to the workspace.
        report: Folder of the report, relative to the workspace; empty until it is written.
        metrics: Folder of its ``metrics.json``, relative to the workspace; empty where nothing was
            recorded.
        made: Time of registration, ISO 8601 in UTC.
        source: Source of the training reviews.
        metric: Name of the metric of ``network`` and ``baseline``; for classes
            ``macro_f1``, or ``accuracy`` in the registries of earlier versions.
        network: The model's metric on the tested reviews.
        baseline: The baseline's metric on the same reviews.
        profile: Folder of the training reviews' profile, relative to the workspace.
        rule: How a class follows from the probabilities, in words; empty where nothing was
            recorded or there are no classes.
        passed: Share of behaviour tests passed.
        status: ``champion`` (used by ``predict``), ``candidate`` or ``former``.
        reason: Reason of the status.
        rival: Number of the champion at the time of registration; None for the first version.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    model: str
    report: str = ""
    metrics: str = ""
    made: str
    source: Annotated[str, AfterValidator(redact)] = ""
    metric: str = ""
    network: float | None = None
    baseline: float | None = None
    profile: str = ""
    rule: str = ""
    passed: float | None = None
    status: Literal["champion", "candidate", "former"] = "candidate"
    reason: str = ""
    rival: int | None = None


class Registry:
    """The versions of a workspace, stored in ``models.json``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.root / FILE

    def __repr__(self) -> str:
        return f"Registry({str(self._path)!r})"

    def versions(self) -> list[Version]:
        """All versions, oldest first.

        Raises:
            WorkspaceError: The file cannot be read or is malformed.
        """
        try:
            return [Version(**one) for one in load_json(self._path.read_bytes())]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self._path, error) from error
        except (ValueError, TypeError, ValidationError) as error:
            raise WorkspaceError(
                f"{self._path} is damaged: {error}; delete it and run `review-sentiment run`"
            ) from error

    @property
    def champion(self) -> Version | None:
        """The version that ``predict`` uses; None if there is no version."""
        return next((one for one in self.versions() if one.status == "champion"), None)

    def champion_model(self) -> Manifest:
        """The champion's manifest.

        Raises:
            WorkspaceError: There is no champion, or its files are missing or changed.
        """
        champion, versions = self.champion, self.versions()
        if champion is None and versions:
            raise WorkspaceError(
                "no version is the champion: choose one with "
                f"`review-sentiment models promote {versions[-1].number}`"
            )
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
        return self._model(self.find(number))

    def rival_of(self, model: Manifest) -> Version | None:
        """The champion at the time ``model`` was registered; None for the first model."""
        versions = {one.number: one for one in self.versions()}
        below = self._workspace.relative(model.folder)
        number = next((one.rival for one in versions.values() if one.model == below), None)
        return versions.get(number) if number else None

    def model_of(self, version: Version) -> Manifest | None:
        """A version's manifest; None if its files are missing or changed."""
        return self._intact(version.model)

    def profile_of(self, version: Version) -> Manifest | None:
        """Manifest of the profile of a version's training reviews; None if missing or changed."""
        return self._intact(version.profile) if version.profile else None

    def metrics_of(self, version: Version) -> Manifest | None:
        """Manifest of a version's ``metrics.json``; None if missing or changed."""
        return self._intact(version.metrics) if version.metrics else None

    def record_of(self, version: Version) -> Manifest | None:
        """Manifest of a version's :class:`~pipeline.storage.record.Record`; None if there is none.

        Imported versions have none.
        """
        return self._intact(f"{names.RECORDS}/{PurePosixPath(version.model).name}")

    def find(self, number: int) -> Version:
        """The version with a number.

        Raises:
            InputError: There is no such version.
        """
        versions = self.versions()
        chosen = next((one for one in versions if one.number == number), None)
        if chosen is None:
            known = ", ".join(str(one.number) for one in versions) or "none"
            raise InputError(f"no version {number}; known versions: {known}")
        return chosen

    def add(self, model: Manifest, **known: Any) -> Version:
        """Register a model, or update the given fields of a registered one.

        If the workspace has no champion, a new model becomes the champion unless ``status`` is
        given.

        Args:
            model: The model's manifest.
            **known: Fields of :class:`Version`.
        """
        versions = self.versions()
        folder = self._workspace.relative(model.folder)
        for index, one in enumerate(versions):
            if one.model == folder:
                versions[index] = one.model_copy(update=known)
                self._write(versions)
                return versions[index]
        champion = self.champion
        made = Version(
            number=len(versions) + 1,
            model=folder,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            **known,
        )
        if champion is None and "status" not in known:
            first = {"status": "champion", "reason": FIRST}
            made = made.model_copy(update=first)
        elif champion is not None:
            made = made.model_copy(update={"rival": champion.number})
        self._write([*versions, made])
        return made

    def promote(self, number: int, reason: str) -> Version:
        """Make a version the champion.

        Raises:
            InputError: There is no such version.
            WorkspaceError: The version's files are missing or changed.
        """
        versions = self.versions()
        self.model(number)
        updated = []
        for one in versions:
            if one.number == number:
                one = one.model_copy(update={"status": "champion", "reason": reason})
            elif one.status == "champion":
                reason_of_former = f"replaced by version {number}"
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
        path = self._workspace.root / folder / "manifest.json"
        try:
            manifest = read_manifest(path)
            if manifest is None:
                path.open("rb").close()  # an error of access, which is no damage
            return manifest if manifest and manifest.is_intact() else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(Path(error.filename or path), error) from error

    def _write(self, versions: list[Version]) -> None:
        write_json(self._path, [one.model_dump(mode="json") for one in versions])


def _unreadable(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"cannot read {path}: {error.strerror}; check its permissions and its disk and do not "
        "delete it: the versions of the model are not lost"
    )
