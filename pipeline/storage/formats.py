"""Formats of the user's tables, by suffix."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import SourceError

DELIMITERS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
BINARY = (".parquet", ".xlsx")
SUFFIXES = (*DELIMITERS, ".jsonl", ".json", *BINARY)
ALIASES = {".ndjson": ".jsonl"}
ARCHIVE = ".zip"
OTHER_WORKBOOKS = (".xlsm", ".xlsb", ".xls", ".ods", ".numbers")


def file_format(path: Path) -> str:
    """The suffix that names a file's format, in lower case and without ``.gz``.

    Raises:
        SourceError: The suffix is not one of ``SUFFIXES``.
    """
    suffix = file_suffix(path)
    if suffix not in SUFFIXES or (suffix in BINARY and is_compressed(path)):
        step = "save the workbook as .xlsx, or " if suffix in OTHER_WORKBOOKS else ""
        raise SourceError(
            f"{path}: unknown file format; {step}use one of {', '.join(SUFFIXES)} "
            f"(all except {' and '.join(BINARY)} also with .gz)"
        )
    return suffix


def file_suffix(path: Path) -> str:
    """The suffix of a path in lower case and without ``.gz``, whether its format is known or not.

    ``.ndjson`` is ``.jsonl``.
    """
    suffix = (path.with_suffix("") if is_compressed(path) else path).suffix.lower()
    return ALIASES.get(suffix, suffix)


def is_compressed(path: Path) -> bool:
    """Whether the suffix says that a file is compressed with gzip."""
    return path.suffix.lower() == ".gz"
