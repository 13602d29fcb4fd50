"""Where each artefact lives, and how it is written so that a kill at any moment loses nothing.

::

    workspace/
      reviews.db                      the review store
      memo/                           tokens of words, to save time
      <stage>/<key>/                  one folder for each distinct input of a stage
        ...                           what the stage wrote
        manifest.json                 written last: sha256 of every file beside it
      models.json                     the versions of the model, see pipeline.model.registry
      run.lock                        held by the run that is at work

The key is a hash of all that decides a stage's output: the content of its inputs, its settings
and the version of its code. A folder whose manifest is missing or does not fit its files counts
as not there, so an interrupted stage simply runs again.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, WorkspaceError
from pipeline.runtime import is_alive
from pipeline.storage.files import atomic_write, sha256_file, write_json
from pipeline.storage.manifest import Manifest, read_manifest

FREE_SPACE_NEEDED = 200 * 2**20
"""Bytes that must be free before a run starts: a demo run writes about a tenth of it."""


class Workspace:
    """A folder that everything a run writes lies below."""

    MEMO = "memo"

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).absolute()
        self._refreshed: set[str] = set()
        self._remade: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def store_path(self) -> Path:
        """The review store's database."""
        return self.root / "reviews.db"

    @property
    def memo_folder(self) -> Path:
        """What tokenization remembers between runs."""
        return self.root / self.MEMO

    def relative(self, folder: Path) -> str:
        """Path of a folder below the workspace, with forward slashes."""
        return folder.relative_to(self.root).as_posix()

    def check(self) -> None:
        """Make the folder and see that it can be written to.

        Raises:
            WorkspaceError: It cannot, or too little space is free.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with atomic_write(self.root / ".writable") as file:
                file.write(b"")
            (self.root / ".writable").unlink()
        except OSError as error:
            raise WorkspaceError(
                f"cannot write to the workspace {self.root}: {error.strerror}; "
                "choose another with --workspace DIR"
            ) from error
        free = shutil.disk_usage(self.root).free
        if free < FREE_SPACE_NEEDED:
            raise WorkspaceError(
                f"only {free / 2**20:.0f} MB are free for the workspace {self.root}, "
                f"{FREE_SPACE_NEEDED / 2**20:.0f} MB are needed; "
                "free some or choose another with --workspace DIR"
            )

    def folder(self, stage: str, key: str) -> Path:
        """Where a stage puts its files for one key; made, and rid of what a killed run left."""
        folder = self.root / stage / key
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*-*"):
            process = leftover.stem.rpartition("-")[2]
            if process.isdecimal() and not is_alive(int(process)):
                leftover.unlink(missing_ok=True)
        return folder

    def refresh(self, stage: str) -> None:
        """Have a stage, or with ``all`` every stage after the crawl, do its work again once.

        What it has made for other inputs, such as earlier models, stays.

        Raises:
            InputError: There is no such stage.
        """
        made = {path.parent.parent.name for path in self.root.glob("*/*/manifest.json")} - {"crawl"}
        if stage != "all" and stage not in made:
            known = ", ".join(sorted(made)) or "none yet"
            raise InputError(f"no stage {stage} has made anything here; known stages: {known}")
        self._refreshed |= made if stage == "all" else {stage}

    def finished(self, stage: str, key: str) -> Manifest | None:
        """The manifest of a stage that is done and whose files are intact."""
        if stage in self._refreshed and (stage, key) not in self._remade:
            return None
        manifest = read_manifest(self.root / stage / key / "manifest.json")
        return manifest if manifest and manifest.is_intact() else None

    def finish(
        self, stage: str, key: str, files: list[str], rows: int, details: dict[str, Any]
    ) -> Manifest:
        """Write the manifest of files that the stage has put into its folder."""
        folder = self.root / stage / key
        manifest = Manifest(
            stage=stage,
            folder=folder,
            files={name: sha256_file(folder / name) for name in sorted(files)},
            rows=rows,
            details=details,
        )
        write_json(folder / "manifest.json", manifest.model_dump(mode="json", exclude={"folder"}))
        self._remade.add((stage, key))
        return manifest
