"""A folder at a URL that several machines reach, by fsspec."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from pipeline.errors import SettingsError, WorkspaceError
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest


class SharedFolder:
    """Files that are there whole or not at all, below ``s3://bucket/path`` and the like.

    What a store asks to be let in is read from the environment, as its own tools read it.

    Args:
        url: Of the folder; on a disk or in a bucket it need not exist, the bucket must.

    Raises:
        SettingsError: The kind of URL is not known, or needs a package that is not installed.
        WorkspaceError: By all methods: the folder cannot be reached, or not be written to.
    """

    def __init__(self, url: str) -> None:
        import fsspec
        from fsspec.implementations.local import LocalFileSystem

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

        self._is_local = isinstance(self._system, LocalFileSystem)

    def __repr__(self) -> str:
        return f"SharedFolder({self._url!r})"

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        with self._told("read"):
            self._system.invalidate_cache()
            return bool(self._system.exists(self._path(name)))

    def open(self, name: str) -> IO[bytes]:
        """Read a file; seeking reads no more than is asked for."""
        with self._told("read"):
            return cast(IO[bytes], self._system.open(self._path(name), "rb"))

    def put(self, local: Path, name: str) -> None:
        """Copy a file to it."""
        path = self._path(name)
        with self._told("write to"):
            if self._is_local:  # elsewhere it might make a bucket
                self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            with (
                self._system.transaction,
                local.open("rb") as source,
                self._system.open(path, "wb") as target,
            ):
                shutil.copyfileobj(source, target)

    def get(self, name: str, local: Path) -> None:
        """Copy a file from it."""
        with (
            self._told("read"),
            atomic_path(local) as temporary,
            self.open(name) as source,
            temporary.open("wb") as target,
        ):
            shutil.copyfileobj(source, target)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        with self._told("write to"):
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

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Let the user know what could not be done; each kind of store has errors of its own."""
        try:
            yield
        except WorkspaceError:
            raise
        except Exception as error:
            raise WorkspaceError(
                f"cannot {what} {self._url}: {type(error).__name__}: {error}; "
                "see that it exists and that you may use it"
            ) from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def cache_folder() -> Path:
    """Where this machine keeps what it would have to fetch or to work out again."""
    home: Any = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "review-sentiment"
