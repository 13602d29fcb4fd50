"""A folder at a URL that several machines reach, by fsspec."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, Any, cast

from pipeline.errors import SettingsError, WorkspaceError
from pipeline.workspace import Manifest, atomic_path


class SharedFolder:
    """Files that are there whole or not at all, below ``s3://bucket/path`` and the like.

    What a store asks to be let in is read from the environment, as its own tools read it.

    Args:
        url: Of the folder; it need not exist.

    Raises:
        SettingsError: The kind of URL is not known, or needs a package that is not installed.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self._url = url.rstrip("/")
        try:
            self._system, self._root = fsspec.core.url_to_fs(self._url, skip_instance_cache=True)
        except ImportError as error:
            scheme = url.partition("://")[0]
            raise SettingsError(
                f"{scheme}:// needs a package that is not installed ({error}); for s3:// "
                "pip install 'review-sentiment[s3]'"
            ) from error
        except ValueError as error:
            raise SettingsError(f"{url} cannot be used: {error}; write s3://bucket/path") from error

    def __repr__(self) -> str:
        return f"SharedFolder({self._url!r})"

    def below(self, name: str) -> SharedFolder:
        """A folder in this one."""
        return SharedFolder(f"{self._url}/{name}")

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        self._system.invalidate_cache()
        return bool(self._system.exists(self._path(name)))

    def open(self, name: str) -> IO[bytes]:
        """Read a file; seeking reads no more than is asked for."""
        return cast(IO[bytes], self._system.open(self._path(name), "rb"))

    def put(self, local: Path, name: str) -> None:
        """Copy a file to it.

        Raises:
            WorkspaceError: It cannot be written there.
        """
        path = self._path(name)
        try:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            with (
                self._system.transaction,
                local.open("rb") as source,
                self._system.open(path, "wb") as target,
            ):
                shutil.copyfileobj(source, target)
        except OSError as error:
            raise WorkspaceError(
                f"cannot write to {self._url}: {error}; see that it exists and may be written to"
            ) from error

    def get(self, name: str, local: Path) -> None:
        """Copy a file from it."""
        with (
            atomic_path(local) as temporary,
            self.open(name) as source,
            temporary.open("wb") as target,
        ):
            shutil.copyfileobj(source, target)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        self._system.invalidate_cache()
        if self._system.exists(self._root):
            self._system.rm(self._root, recursive=True)

    def put_files(self, manifest: Manifest) -> None:
        """Copy a stage's files to it, as far as they are not there."""
        for name in manifest.files:
            if not self.has(name):
                self.put(manifest.path(name), name)

    def get_files(self, manifest: Manifest, folder: Path) -> Manifest:
        """The manifest of a stage whose files are in a folder of this machine, copied if need be.

        Raises:
            WorkspaceError: What was copied is not what the stage wrote.
        """
        here = manifest.model_copy(update={"folder": folder})
        if not here.is_intact():
            for name in manifest.files:
                here.path(name).parent.mkdir(parents=True, exist_ok=True)
                self.get(name, here.path(name))
            if not here.is_intact():
                raise WorkspaceError(f"the files in {self._url} are damaged: remove them")
        return here

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def cache_folder() -> Path:
    """Where this machine keeps what it would have to fetch or to work out again."""
    home: Any = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "review-sentiment"
