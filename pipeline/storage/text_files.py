"""Detects from a file's bytes its format and the encoding of its text."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from pipeline.errors import SourceError
from pipeline.storage.encoding import BOMS
from pipeline.storage.formats import file_format, is_compressed

logger = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 512
OLD_OFFICE_BYTES = 1 << 26
"""Number of bytes in which the name of the encrypted part is searched."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
PROTECTED = "EncryptedPackage".encode("utf-16-le")
"""Name of the part that holds a password-protected workbook in a file of the old Office format."""
SIGNATURES = {
    b"PAR1": "is a Parquet file: give it the suffix .parquet",
    b"\x1f\x8b": "is compressed with gzip: add .gz to its name",
}
ZIP = b"PK\x03\x04"
MARKUP = (b"<!doctype html", b"<html", b"<head", b"<meta", b"<style", b"<table", b"<?xml")


def detect_format(path: Path) -> str:
    """The format of an existing file: that of its suffix, or ``.xlsx`` by its first bytes.

    Raises:
        SourceError: The suffix is unknown, or the content does not match it: another kind of
            workbook, an archive, a web page or Parquet.
    """
    suffix = file_format(path)
    with open_binary(path) as file:
        head = file.read(HEAD_BYTES)
    found = next((what for bytes_, what in SIGNATURES.items() if head.startswith(bytes_)), "")
    if head.startswith(ZIP):
        if suffix == ".xlsx" or _is_workbook(path):
            return ".xlsx"
        found = "is a zip archive: unpack it first"
    elif head.startswith(OLD_OFFICE):
        found = _old_office(path)
    elif head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(MARKUP):
        found = "is a web page (HTML or XML), not a table: open it and save it as .xlsx in Excel"
    elif suffix == ".xlsx" and not found:
        found = "is not an Excel workbook (.xlsx): give it the suffix of its format"
    if found and not (suffix == ".parquet" and head.startswith(b"PAR1")):
        raise SourceError(f"{path} {found}")
    return suffix


def _is_workbook(path: Path) -> bool:
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" in archive.namelist()
    return False


def _old_office(path: Path) -> str:
    with open_binary(path) as file:
        if PROTECTED in file.read(OLD_OFFICE_BYTES):
            return "is protected by a password: save it without one"
    return "is an old Excel workbook (.xls): save it as .xlsx in Excel"


@contextlib.contextmanager
def open_text(path: Path, *, quiet: bool = False) -> Iterator[IO[str]]:
    """Open a text file, which may be compressed; line breaks stay as they are.

    Args:
        path: The file.
        quiet: Do not log an encoding other than UTF-8.

    Raises:
        SourceError: The file has a byte that is neither UTF-8 nor CP949.
    """
    encoding = text_encoding(path)
    if encoding == "cp949" and not quiet:
        logger.info("reading %s as CP949", path.name)
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    with cast(IO[str], _opener(path)(path, "rt", encoding=name, newline="")) as file:
        yield file


def has_bom(path: Path) -> bool:
    """Whether a text file begins with a byte order mark."""
    with open_binary(path) as file:
        head = file.read(HEAD_BYTES)
    return any(head.startswith(bom) for bom, _ in BOMS)


@contextlib.contextmanager
def open_binary(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, which may be compressed, for reading bytes."""
    with cast(IO[bytes], _opener(path)(path, "rb")) as file:
        yield file


def _opener(path: Path) -> Callable[..., Any]:
    return gzip.open if is_compressed(path) else open


def text_encoding(path: Path) -> str:
    """The encoding by the byte order mark, else ``utf-8`` or ``cp949``, whichever decodes all."""
    with open_binary(path) as file:
        chunk = file.read(CHUNK_BYTES)
        marked = next((name for bom, name in BOMS if chunk.startswith(bom)), None)
        names = [marked] if marked else ["utf-8", "cp949"]
        decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        lines = dict.fromkeys(names, 1)
        bad: dict[str, int] = {}
        while decoders:
            for name, decoder in list(decoders.items()):
                try:
                    lines[name] += decoder.decode(chunk, final=not chunk).count("\n")
                except UnicodeDecodeError as error:
                    good = error.object[: error.start].decode(name, "ignore")
                    lines[name] += good.count("\n")
                    bad[name] = error.object[error.start]
                    del decoders[name]
            if not chunk:
                break
            chunk = file.read(CHUNK_BYTES)
    if decoders:
        return next(iter(decoders))
    furthest = max(names, key=lambda name: lines[name])
    known = "neither UTF-8 nor CP949" if not marked else f"not {marked.removesuffix('-sig')}"
    raise SourceError(
        f"{path}, line {lines[furthest]}: byte 0x{bad[furthest]:02x} is {known} text: "
        "save the file as UTF-8"
    )
