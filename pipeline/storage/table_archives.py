"""Zip archives of the user: checks them and unpacks the tables in them."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.storage.formats import SUFFIXES, file_suffix

MAX_BYTES = 1 << 31
"""Maximum unpacked size of an archive."""
MAX_RATIO = 100
"""Maximum compression ratio of a member; members of up to ``FREE_BYTES`` may exceed it."""
FREE_BYTES = 10 << 20
MAX_MEMBERS = 10_000
NAME_IS_UTF8, IS_ENCRYPTED = 0x800, 1


def is_encrypted(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a member needs a password."""
    return any(one.flag_bits & IS_ENCRYPTED for one in members)


def is_bomb(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether the members unpack to far more than their compressed size."""
    return sum(one.file_size for one in members) > MAX_BYTES or any(
        one.file_size > max(FREE_BYTES, MAX_RATIO * one.compress_size) for one in members
    )


def unpack_tables(path: Path, folder: Path) -> list[tuple[Path, str]]:
    """Unpack the tables of an archive; members that are not tables are left out.

    Args:
        path: The archive.
        folder: An empty folder for the tables. Only the last part of a member's name is used for
            its path in the folder.

    Returns:
        Each unpacked file and its name in the archive, in the order of the names.

    Raises:
        SourceError: The archive is damaged or protected by a password, unpacks to far more than its
            size, holds a link or a path that leads out of it, or holds no table.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            named = {_name(one): one for one in archive.infolist() if not one.is_dir()}
            _check(path, named)
            unpacked = []
            for number, name in enumerate(sorted(filter(_is_table, named))):
                target = folder / str(number) / PurePosixPath(name).name
                target.parent.mkdir()
                with archive.open(named[name]) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                unpacked.append((target, name))
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise SourceError(f"{path} is a damaged zip archive: {excerpt(str(error))}") from error
    if not unpacked:
        raise SourceError(
            f"{path} holds no table ({', '.join(SUFFIXES)}) among {len(named):,} files"
        )
    return unpacked


def _check(path: Path, named: dict[str, zipfile.ZipInfo]) -> None:
    members = list(named.values())
    for name, one in named.items():
        parts = PurePosixPath(name.replace("\\", "/"))
        is_link = stat.S_ISLNK(one.external_attr >> 16)
        if is_link or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            kind = "a link" if is_link else "a path that leads out of it"
            raise SourceError(f"{path} holds {kind}, {excerpt(name)}: unpack it yourself")
    if is_encrypted(members):
        raise SourceError(f"{path} is protected by a password: unpack it first")
    if is_bomb(members) or len(members) > MAX_MEMBERS:
        raise SourceError(f"{path} unpacks to far more than its size: unpack it yourself")


def _is_table(name: str) -> bool:
    parts = PurePosixPath(name).parts
    is_hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in parts)
    return not is_hidden and file_suffix(Path(name)) in SUFFIXES


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member; without the UTF-8 flag it may be in CP949, from a Korean Windows."""
    if member.flag_bits & NAME_IS_UTF8:
        return member.filename
    try:
        raw = member.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename
