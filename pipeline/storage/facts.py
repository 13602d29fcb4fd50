"""The format, encoding and delimiter of a table's file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pipeline.storage.delimiters import NAMES, find_beginning
from pipeline.storage.formats import DELIMITERS, is_compressed
from pipeline.storage.text_files import detect_format, open_text, text_encoding

TITLES = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".txt": "TSV",
    ".jsonl": "JSON lines",
    ".json": "JSON",
    ".parquet": "Parquet",
    ".xlsx": "Excel workbook",
}
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte order mark", "cp949": "CP949"}


class FileFacts(NamedTuple):
    """The format of a file, and its encoding and delimiter, each empty if the format has none."""

    format: str
    encoding: str
    delimiter: str


def file_facts(path: Path, width: int = 0) -> FileFacts:
    """Detect format, encoding and delimiter from a file's bytes.

    Args:
        path: The file.
        width: Number of columns of a file without a header, 0 for others.

    Raises:
        SourceError: The file does not match its suffix, or its encoding is not supported.
    """
    suffix = detect_format(path)
    title = TITLES[suffix] + (", compressed" if is_compressed(path) else "")
    if suffix in (".parquet", ".xlsx"):
        return FileFacts(title, "", "")
    encoding = text_encoding(path)
    encoding = ENCODINGS.get(encoding, encoding.upper())
    if suffix not in DELIMITERS:
        return FileFacts(title, encoding, "")
    with open_text(path, quiet=True) as file:
        delimiter = find_beginning(file, DELIMITERS[suffix], width).delimiter
    return FileFacts(title, encoding, NAMES.get(delimiter, delimiter))
