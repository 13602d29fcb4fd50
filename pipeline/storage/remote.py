"""Shared folder on object storage or a network disk, accessed with fsspec."""

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
    """A folder at a URL such as ``s3://bucket/path``. Files are written atomically.

    Credentials come from the environment, as for the storage's own tools
    (``AWS_ACCESS_KEY_ID`` and so on).

    Args:
        url: URL of the folder. The folder is created on the first write; a bucket must exist.

    Raises:
        SettingsError: The URL scheme is unknown or needs a package that is not installed.
        WorkspaceError: The folder cannot be read or written. All methods raise this.
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
                f"{scheme}:// needs a package that is not installed ({error}); for s3:// run "
                "pip install 'review-sentiment[s3]'"
            ) from error
        except ValueError as error:
            raise SettingsError(f"cannot use {url}: {error}; write s3://bucket/path") from error

        self._is_local = isinstance(self._system, LocalFileSystem)

    def __repr__(self) -> str:
        return f"SharedFolder({self._url!r})"

    def has(self, name: str) -> bool:
        """Whether the file exists."""
        with self._translated_errors("read"):
            self._system.invalidate_cache()
            return bool(self._system.exists(self._path(name)))

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; only the parts that are read are transferred."""
        with self._translated_errors("read"):
            return cast(IO[bytes], self._system.open(self._path(name), "rb"))

    def put(self, local: Path, name: str) -> None:
        """Copy a local file to the folder."""
        path = self._path(name)
        with self._translated_errors("write to"):
            if self._is_local:  # on object storage this could create a bucket
                self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            with (
                self._system.transaction,
                local.open("rb") as source,
                self._system.open(path, "wb") as target,
            ):
                shutil.copyfileobj(source, target)

    def get(self, name: str, local: Path) -> None:
        """Copy a file from the folder to a local path."""
        with (
            self._translated_errors("read"),
            atomic_path(local) as temporary,
            self.open(name) as source,
            temporary.open("wb") as target,
        ):
            shutil.copyfileobj(source, target)

    def remove(self) -> None:
        """Delete the folder and its content."""
        with self._translated_errors("write to"):
            self._system.invalidate_cache()
            if self._system.exists(self._root):
                self._system.rm(self._root, recursive=True)

    def put_files(self, manifest: Manifest) -> None:
        """Copy a stage's files to the folder, except those that exist there."""
        for name in manifest.files:
            if not self.has(name):
                self.put(manifest.path(name), name)

    def get_files(self, manifest: Manifest, folder: Path) -> Manifest:
        """Copy a stage's files to a local folder unless they are there.

        Returns:
            The manifest with ``folder`` as its folder.

        Raises:
            WorkspaceError: The copied files do not match the manifest.
        """
        local = manifest.model_copy(update={"folder": folder})
        if not local.is_intact():
            for name in manifest.files:
                local.path(name).parent.mkdir(parents=True, exist_ok=True)
                self.get(name, local.path(name))
            if not local.is_intact():
                raise WorkspaceError(
                    f"the files in {self._url} are damaged: "
                    "delete them and run the same command again"
                )
        return local

    @contextlib.contextmanager
    def _translated_errors(self, what: str) -> Iterator[None]:
        """Convert any error to WorkspaceError: each fsspec backend has its own exceptions."""
        try:
            yield
        except WorkspaceError:
            raise
        except Exception as error:
            raise WorkspaceError(
                f"cannot {what} {self._url}: {type(error).__name__}: {error}; "
                "check that it exists and that you have access"
            ) from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def cache_folder() -> Path:
    """Folder for caches of this user on this machine: ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    home: Any = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "review-sentiment"
