"""Untrusted zip files: only files with allowed names are unpacked, up to a size limit."""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.errors import InputError
from pipeline.redact import excerpt
from pipeline.storage.files import atomic_path, create

MAX_FILES = 200
MAX_BYTES = 2 * 2**30
"""Maximum size of a zip file, and maximum total size of its content."""
MAX_RATIO = 200
"""Maximum ratio of the size of a zip file's content to its own size."""
MAX_DIRECTORY_BYTES = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PACKED = {".keras", ".npz", ".onnx"}
"""Suffixes of files that can hardly be compressed."""
BEGIN = b"PK\x03\x04"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_END = struct.Struct("<4s4H2LH")
"""The record at the end of a zip file, which gives the size of its directory."""


def pack(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write a zip file atomically; equal files give equal bytes.

    Args:
        path: The zip file.
        files: The file or its content, by name, in the order of writing.

    Raises:
        InputError: The files are larger than :func:`unpack` allows.
    """
    total = sum(
        len(one) if isinstance(one, bytes) else one.stat().st_size for one in files.values()
    )
    if total > MAX_BYTES:
        raise InputError(f"{path} would hold {total:,} bytes; {MAX_BYTES:,} are allowed")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            is_packed = Path(name).suffix in PACKED
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            if isinstance(content, bytes):
                archive.writestr(entry, content)
                continue
            entry.file_size = content.stat().st_size
            with content.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)


def unpack(path: Path, folder: Path, known: re.Pattern[str]) -> list[str]:
    """Unpack a zip file into an empty folder.

    Args:
        path: The zip file.
        folder: The folder; after an error it may contain some of the files.
        known: Matches the names that are allowed, with forward slashes; any other is refused.

    Returns:
        The names of the unpacked files.

    Raises:
        InputError: It is not a zip file, is damaged, exceeds a limit, or holds anything but plain
            files of allowed names.
    """
    with _opened(path) as found:
        _check(path, found.infolist(), known)
        for entry in found.infolist():
            target = folder / entry.filename
            target.parent.mkdir(mode=0o700, exist_ok=True)
            create(target)
            with found.open(entry) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        return found.namelist()


def read_entry(path: Path, name: str, most_bytes: int) -> bytes | None:
    """Read one small file of a zip file; None if there is no file of this name.

    Raises:
        InputError: It is not a zip file, is damaged, or the file in it is too large.
    """
    with _opened(path) as found:
        entry = next((one for one in found.infolist() if one.filename == name), None)
        if entry is None:
            return None
        if entry.file_size > most_bytes:
            raise InputError(
                f"{path}: {name} has {entry.file_size:,} bytes; {most_bytes:,} are allowed"
            )
        return found.read(entry)


def check_size(path: Path) -> None:
    """Check that a zip file, such as an ``.npz``, is not a zip bomb.

    Raises:
        InputError: It is not a zip file, or exceeds a limit.
    """
    with _opened(path) as found:
        _check_sizes(path, found.infolist())


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip file; errors in the block become InputError."""
    try:
        with path.open("rb") as file:
            if file.read(len(BEGIN)) != BEGIN:
                raise InputError(f"{path} is not a zip file")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as found:
            yield found
    except _DAMAGED as error:
        raise InputError(f"{path} is damaged or cut off: {error}; copy it again") from error


def _check_directory(path: Path) -> None:
    """Check the size of the directory before it is read into memory."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"{path} has {size:,} bytes; {MAX_BYTES:,} are allowed")
    with path.open("rb") as file:
        file.seek(max(0, size - 2**16 - _END.size))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise zipfile.BadZipFile("its end is missing")
    *_, length, begin, comment = _END.unpack_from(tail, place)
    end = size - len(tail) + place
    if tail[max(0, place - 20) : place].startswith(b"PK\x06\x07") or length > MAX_DIRECTORY_BYTES:
        raise InputError(f"{path} has too many files; {MAX_FILES} are allowed")
    if begin + length != end or end + _END.size + comment != size:  # a zip file within this one
        raise zipfile.BadZipFile("its end is missing")


def _check(path: Path, entries: list[zipfile.ZipInfo], known: re.Pattern[str]) -> None:
    _check_sizes(path, entries)
    names = set()
    for entry in entries:
        name, mode = entry.filename, entry.external_attr >> 16
        shown = excerpt(entry.orig_filename)
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise InputError(f"{path} holds {shown}, which is a link or not a regular file")
        if not known.fullmatch(name) or name != entry.orig_filename:
            raise InputError(f"{path} holds {shown}, which does not belong there")
        if name in names:
            raise InputError(f"{path} holds {shown} twice")
        if entry.flag_bits & 1 or entry.compress_type not in METHODS:
            raise InputError(f"{path} is encrypted or has an unsupported compression method")
        names.add(name)


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_FILES:
        raise InputError(f"{path} has {len(entries):,} files; {MAX_FILES} are allowed")
    total, size = sum(entry.file_size for entry in entries), path.stat().st_size
    if total > min(MAX_BYTES, MAX_RATIO * size):
        raise InputError(
            f"{path} would unpack from {size:,} to {total:,} bytes, more than is allowed"
        )
