"""The files of a table: one file, or all files of a folder, a pattern or a zip archive."""

from __future__ import annotations

import glob
import hashlib
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import SourceError
from pipeline.storage.files import sha256_file
from pipeline.storage.formats import ARCHIVE, SUFFIXES, file_suffix
from pipeline.storage.table_archives import unpack_tables


class TableFile(NamedTuple):
    """A file of a table.

    Attributes:
        path: The file to read.
        shown: Its path in messages; for a member of an archive, the path within the archive.
        name: Its name in the places of rows; empty if the table is this file alone.
    """

    path: Path
    shown: Path
    name: str

    @contextmanager
    def named_in_errors(self) -> Iterator[None]:
        """Context manager in which errors name the file by ``shown``."""
        try:
            yield
        except SourceError as error:
            if self.path == self.shown:
                raise
            message = str(error).replace(str(self.path), str(self.shown))
            raise SourceError(message) from error


def is_one_file(path: Path) -> bool:
    """Whether a table is a single file that needs no unpacking."""
    return not path.is_dir() and not _is_pattern(path) and file_suffix(path) != ARCHIVE


def find_files(path: Path) -> list[Path]:
    """The files of a folder or pattern, sorted; for the path of a file, the file itself.

    Raises:
        SourceError: There is no file.
    """
    if path.is_dir():
        found = [one for one in path.iterdir() if _is_listed(one)]
        if not found:
            raise SourceError(f"{path} is a folder without a table ({', '.join(SUFFIXES)})")
    elif _is_pattern(path):
        pattern = str(path.relative_to(path.anchor))
        forms = {unicodedata.normalize(form, pattern) for form in ("NFC", "NFD")}
        matches = {one for form in forms for one in Path(path.anchor).glob(form)}
        found = [one for one in matches if one.is_file()]
        if not found:
            raise SourceError(f"no file matches {path}")
    elif file_suffix(path) == ARCHIVE and not path.is_file():
        raise SourceError(f"no such file: {path}")
    else:
        return [path]
    return sorted(found)


@contextmanager
def table_files(path: Path) -> Iterator[list[TableFile]]:
    """The files of a table, in order; archives are unpacked while the block runs.

    Raises:
        SourceError: There is no file, or an archive is refused, see
            :func:`pipeline.storage.table_archives.unpack_tables`.
    """
    found = find_files(path)
    is_set = found != [path]
    files: list[TableFile] = []
    with ExitStack() as stack:
        for one in found:
            if file_suffix(one) != ARCHIVE:
                name = one.name if path.is_dir() else str(one)
                files.append(TableFile(one, one, name if is_set else ""))
                continue
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="review-sentiment-"))
            unpacked = unpack_tables(one, Path(folder))
            files += [TableFile(table, one / name, name) for table, name in unpacked]
        yield files


def fingerprint(path: Path) -> tuple[int, ...]:
    """Numbers that change when the files of a table change; empty if they cannot be read."""
    try:
        states = [one.stat() for one in find_files(path)]
    except (OSError, SourceError):
        return ()
    return tuple(
        number
        for one in states
        for number in (one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
    )


def sha256_table(path: Path) -> str:
    """SHA-256 of the content of a table's files, hexadecimal.

    Raises:
        SourceError: There is no such file.
    """
    found = find_files(path)
    if found == [path]:
        return sha256_file(path)
    return hashlib.sha256("".join(map(sha256_file, found)).encode()).hexdigest()


def _is_pattern(path: Path) -> bool:
    return glob.has_magic(str(path)) and not path.exists()


def _is_listed(path: Path) -> bool:
    is_table = file_suffix(path) in (*SUFFIXES, ARCHIVE)
    return is_table and path.is_file() and not path.name.startswith((".", "~$"))
