"""Layout of the workspace folder and its finished stages.

::

    workspace/
      reviews.db                      review store (SQLite)
      memo/                           tokenizer cache
      <stage>/<key>/                  output of a stage for one input
        ...                           files of the stage
        manifest.json                 SHA-256 of each file; written last
      models.json                     model versions, see pipeline.model.registry
      run.lock                        lock of the active run
      dashboard.login                 generated login of the dashboard, user:password

The key is a hash of everything that determines a stage's output: the content of its inputs, its
settings and the version of its code. A folder whose manifest is missing or does not match its
files is ignored, so an interrupted stage runs again.
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, WorkspaceError
from pipeline.runtime import is_alive
from pipeline.storage.files import atomic_write, sha256_file, write_json
from pipeline.storage.manifest import Manifest, read_manifest

MIN_FREE_BYTES = 200 * 2**20
"""Free disk space required before a run; a demo run writes about a tenth of this."""

UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT}
"""Errors of a disk that may still be read."""


class Workspace:
    """The folder that contains everything a run writes.

    Args:
        root: Path of the folder; :meth:`check` creates it.
    """

    MEMO = "memo"

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).absolute()
        self._to_refresh: set[str] = set()
        self._finished_here: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def store_path(self) -> Path:
        """Path of the SQLite review store."""
        return self.root / "reviews.db"

    @property
    def memo_folder(self) -> Path:
        """Folder of the tokenizer cache."""
        return self.root / self.MEMO

    def relative(self, folder: Path) -> str:
        """Path of a folder below the workspace, with forward slashes."""
        return folder.relative_to(self.root).as_posix()

    def create(self) -> None:
        """Create the folder, if the disk allows it: reading needs neither free space nor writing.

        Raises:
            WorkspaceError: Something else is in its place.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise WorkspaceError(
                    f"cannot use the workspace {self.root}: {error.strerror}; "
                    "choose another with --workspace DIR"
                ) from error

    def check(self) -> None:
        """Create the folder and check that it is writable and has 200 MB of free disk space.

        Only what writes a run needs this; for anything else see :meth:`create`.

        Raises:
            WorkspaceError: The folder is not writable, or disk space is short.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with atomic_write(self.root / ".writable") as file:
                file.write(b"")
            (self.root / ".writable").unlink()
        except OSError as error:
            raise WorkspaceError(
                f"cannot write to the workspace {self.root}: {error.strerror}; "
                "choose another with --workspace DIR"
            ) from error
        free = shutil.disk_usage(self.root).free
        if free < MIN_FREE_BYTES:
            raise WorkspaceError(
                f"only {free / 2**20:.0f} MB are free for the workspace {self.root}, "
                f"{MIN_FREE_BYTES / 2**20:.0f} MB are needed; "
                "free disk space or choose another with --workspace DIR"
            )

    def folder(self, stage: str, key: str) -> Path:
        """Output folder of a stage for one key.

        Creates the folder if missing and deletes temporary files of killed processes.
        """
        folder = self.root / stage / key
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in folder.glob(".*-*"):
            process = leftover.stem.rpartition("-")[2]
            if process.isdecimal() and not is_alive(int(process)):
                leftover.unlink(missing_ok=True)
        return folder

    def refresh(self, stage: str) -> None:
        """Make :meth:`finished` ignore earlier output of a stage, so that it runs again once.

        Deletes nothing; earlier models stay.

        Args:
            stage: Name of the stage; ``all`` for every stage except the crawl.

        Raises:
            InputError: No such stage in this workspace.
        """
        made = {path.parent.parent.name for path in self.root.glob("*/*/manifest.json")} - {"crawl"}
        if stage != "all" and stage not in made:
            known = ", ".join(sorted(made)) or "none yet"
            raise InputError(f"the workspace has no output of stage {stage}; known stages: {known}")
        self._to_refresh |= made if stage == "all" else {stage}

    def finished(self, stage: str, key: str) -> Manifest | None:
        """Manifest of a finished stage whose files are intact, None if it has to run."""
        if stage in self._to_refresh and (stage, key) not in self._finished_here:
            return None
        manifest = read_manifest(self.root / stage / key / "manifest.json")
        return manifest if manifest and manifest.is_intact() else None

    def finish(
        self, stage: str, key: str, files: list[str], rows: int, details: dict[str, Any]
    ) -> Manifest:
        """Write the manifest that marks a stage as finished.

        Args:
            stage: Name of the stage.
            key: Key of its input, see :func:`~pipeline.storage.manifest.stage_key`.
            files: Names of the files it wrote, relative to :meth:`folder`.
            rows: Number of rows in its table, or of examples it processed.
            details: Figures for the report and the log.
        """
        folder = self.root / stage / key
        manifest = Manifest(
            stage=stage,
            folder=folder,
            files={name: sha256_file(folder / name) for name in sorted(files)},
            rows=rows,
            details=details,
        )
        write_json(folder / "manifest.json", manifest.model_dump(mode="json", exclude={"folder"}))
        self._finished_here.add((stage, key))
        return manifest
