"""Predicts every row of a table file."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.errors import InputError
from pipeline.settings.paths import find_path
from pipeline.storage.columns import text_column
from pipeline.storage.formats import DELIMITERS, file_format
from pipeline.storage.rows import Row
from pipeline.storage.tables import column_types, open_table, table_writer
from pipeline.storage.text_files import has_bom
from pipeline.target.base import Target

logger = logging.getLogger(__name__)

CHUNK_ROWS = 20_000
Answer = Callable[[Iterable[list[str]]], Iterable[list[dict[str, Any]]]]
"""Function from chunks of texts to the predictions of each chunk, in order."""


@dataclass(frozen=True)
class TableJob:
    """A table to predict.

    Attributes:
        source: Input table: TSV, CSV, JSONL (each optionally ``.gz``) or Parquet, by suffix.
        output: Output table in the format of its own suffix. Written atomically: an existing file
            is replaced, or kept if there is an error.
        column: Text column; if empty, the first that exists of
            :data:`pipeline.storage.columns.TEXT_COLUMNS`.
        join_fields: Whether fields beyond the header belong to the text, in the last column.
        bom: Whether a CSV or TSV output begins with a byte order mark, as Excel needs it; always
            if the input does.
    """

    source: Path
    output: Path
    column: str = ""
    join_fields: bool = False
    bom: bool = False

    def check(self) -> None:
        """Check the files, without reading more than a row.

        Raises:
            SourceError: The input cannot be read or has no text column, or a suffix is unknown.
            InputError: The output's folder does not exist, or its format has no byte order mark.
        """
        _check_output(self)
        source = find_path(self.source)
        with open_table(source, join_fields=self.join_fields, quiet=True) as (names, rows):
            text_column(names, self.column, source, last=self.join_fields)
            next(rows, None)


class Answered(NamedTuple):
    """Number of rows of a table, and of those without a prediction."""

    rows: int
    empty: int


class _Chunk(NamedTuple):
    rows: list[Row]
    known: list[int]
    """Indexes of the rows with a text."""


def predict_file(target: Target, answer: Answer, job: TableJob) -> Answered:
    """Write a copy of a table with the prediction columns added.

    Keeps the order and number of rows; rows without a text, or with nothing but links, markup and
    invisible characters, get empty predictions. Existing columns of the same names are replaced.

    Args:
        target: The prediction target, which names the columns.
        answer: Predicts chunks of texts, such as :meth:`Predictor.answer`.
        job: The table.

    Raises:
        SourceError: See :meth:`TableJob.check`; the input may also be broken further down.
        InputError: See :meth:`TableJob.check`.
    """
    _check_output(job)
    source = find_path(job.source)
    total, empty, added = 0, 0, target.columns
    chunks: deque[_Chunk] = deque()
    with open_table(source, join_fields=job.join_fields) as (names, rows):
        text = text_column(names, job.column, source)
        columns = [*(name for name in names if name not in added), *added]
        bom = job.bom or has_bom(source)
        with table_writer(job.output, columns, _types(job, source, added), bom=bom) as write:
            for answers in answer(_texts(rows, text, chunks)):
                chunk = chunks.popleft()
                answered = _with_answers(chunk, dict.fromkeys(added), answers)
                write(answered)
                total += len(answered)
                empty += sum(row[added[0]] is None for row in answered)
    if empty:
        logger.info(
            "%s: %s of %s rows hold no text to predict", source.name, f"{empty:,}", f"{total:,}"
        )
    return Answered(total, empty)


def _check_output(job: TableJob) -> None:
    suffix = file_format(job.output)
    if job.bom and suffix not in DELIMITERS:
        raise InputError(f"a byte order mark is for CSV and TSV, not for {job.output}")
    folder = job.output.parent
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}; create it or choose another output")


def _types(job: TableJob, source: Path, added: Iterable[str]) -> dict[str, Any]:
    """Types of the columns of a Parquet output."""
    if file_format(job.output) != ".parquet":
        return {}
    answers = {name: pa.string() if name == "label" else pa.float64() for name in added}
    return column_types(source) | answers


def _texts(rows: Iterator[Row], text: str, chunks: deque[_Chunk]) -> Iterator[list[str]]:
    """Yield the texts of each chunk of rows; append the rows to ``chunks``."""
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        texts = [row.text(text) for row in chunk]
        chunks.append(_Chunk(chunk, [index for index, one in enumerate(texts) if one]))
        yield [one for one in texts if one]


def _with_answers(
    chunk: _Chunk, unanswered: dict[str, Any], answers: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    answered = [row | unanswered for row in chunk.rows]
    for index, answer in zip(chunk.known, answers, strict=True):
        answered[index] |= answer
    return answered
