"""Formats of the user's tables, by suffix."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import SourceError

DELIMITERS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
BINARY = (".parquet", ".xlsx")
SUFFIXES = (*DELIMITERS, ".jsonl", *BINARY)
OTHER_WORKBOOKS = (".xlsm", ".xlsb", ".xls", ".ods", ".numbers")


def file_format(path: Path) -> str:
    """The suffix that names a file's format, in lower case and without ``.gz``.

    Raises:
        SourceError: The suffix is not one of ``SUFFIXES``.
    """
    suffix = (path.with_suffix("") if is_compressed(path) else path).suffix.lower()
    if suffix not in SUFFIXES or (suffix in BINARY and is_compressed(path)):
        step = "save the workbook as .xlsx, or " if suffix in OTHER_WORKBOOKS else ""
        raise SourceError(
            f"{path}: unknown file format; {step}use one of {', '.join(SUFFIXES)} "
            f"(all except {' and '.join(BINARY)} also with .gz)"
        )
    return suffix


def is_compressed(path: Path) -> bool:
    """Whether the suffix says that a file is compressed with gzip."""
    return path.suffix.lower() == ".gz"
