"""Formats of the user's tables, by suffix."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import SourceError

DELIMITERS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
SUFFIXES = (*DELIMITERS, ".jsonl", ".parquet")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers")


def file_format(path: Path) -> str:
    """The suffix that names a file's format, in lower case and without ``.gz``.

    Raises:
        SourceError: The suffix is not one of ``SUFFIXES``.
    """
    suffix = (path.with_suffix("") if is_compressed(path) else path).suffix.lower()
    if suffix not in SUFFIXES or (suffix == ".parquet" and is_compressed(path)):
        step = "save the workbook as CSV UTF-8, or " if suffix in WORKBOOKS else ""
        raise SourceError(
            f"{path}: unknown file format; "
            f"{step}use one of {', '.join(SUFFIXES)} (all except .parquet also with .gz)"
        )
    return suffix


def is_compressed(path: Path) -> bool:
    """Whether the suffix says that a file is compressed with gzip."""
    return path.suffix.lower() == ".gz"
