"""Predicts every row of a table file."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import InputError
from pipeline.predict.resume import Answer, keep_answers
from pipeline.runtime import freeze_new, frozen_objects
from pipeline.settings.paths import find_path
from pipeline.storage.columns import log_text_column, text_column
from pipeline.storage.formats import DELIMITERS, file_format
from pipeline.storage.rows import Row
from pipeline.storage.table_files import find_files
from pipeline.storage.table_writer import table_writer
from pipeline.storage.tables import column_types, open_table
from pipeline.storage.text_files import has_bom
from pipeline.target.base import Target

logger = logging.getLogger(__name__)

ADVICE = "name the column of the texts with --column"

CHUNK_ROWS = 20_000
ADDED = "_predicted"
"""Suffix of a prediction column if the table already has a column with its name."""


@dataclass(frozen=True)
class TableJob:
    """A table to predict.

    Attributes:
        source: Input table: TSV, CSV, JSON, JSONL (each optionally ``.gz``), Parquet, a workbook
            or a zip archive.
        output: Output table in the format of its own suffix. Written atomically: an existing file
            is replaced, or kept if there is an error.
        column: Text column; if empty, the first column with a usual name, see
            :mod:`pipeline.storage.column_names`.
        join_fields: Whether extra fields at the end of a row belong to the text, which must be in
            the last column.
        bom: Whether a CSV or TSV output begins with a byte order mark, as Excel needs it; always
            if the input does.
        sheet: Sheet of a workbook; empty for the first.
    """

    source: Path
    output: Path
    column: str = ""
    join_fields: bool = False
    bom: bool = False
    sheet: str = ""

    def check(self) -> None:
        """Check the files, reading at most one row.

        Raises:
            SourceError: The input cannot be read, has no text column or no such sheet, or a suffix
                is unknown.
            InputError: The output's folder does not exist, or its format has no byte order mark.
        """
        _check_output(self)
        source = find_path(self.source)
        if find_files(source) != [source]:
            raise InputError(
                f"predict takes one file, not a folder or pattern ({source}): pass each file alone"
            )
        with self.open(source, quiet=True) as (names, rows):
            text_column(names, self.column, source, last=self.join_fields, advice=ADVICE)
            next(rows, None)

    def open(
        self, source: Path, *, quiet: bool = False
    ) -> contextlib.AbstractContextManager[tuple[list[str], Iterator[Row]]]:
        """Open the input; see :func:`pipeline.storage.tables.open_table`."""
        return open_table(source, join_fields=self.join_fields, sheet=self.sheet, quiet=quiet)


class Answered(NamedTuple):
    """Number of rows of a table, and number of rows without a prediction."""

    rows: int
    empty: int


class _Chunk(NamedTuple):
    rows: list[Row]
    known: list[int]
    """Indexes of the rows with a text."""


def predict_file(target: Target, answer: Answer, job: TableJob, model: str = "") -> Answered:
    """Write a copy of a table with the prediction columns added.

    Keeps the order and number of rows and all columns; rows without a text, or with nothing but
    links, markup and invisible characters, get empty predictions. A prediction column whose name
    the table has already gets the suffix ``_predicted``.

    Args:
        target: The prediction target, which names the columns.
        answer: Predicts chunks of texts, such as :meth:`Predictor.answer`.
        job: The table.
        model: Digest of the model. With it, predictions are kept until the output is complete, so
            that the same call resumes after an interruption. Empty if the prediction of a text
            depends on the texts of other chunks.

    Raises:
        SourceError: See :meth:`TableJob.check`; or a later part of the input is malformed.
        InputError: See :meth:`TableJob.check`; or another process writes the same output.
    """
    _check_output(job)
    source = find_path(job.source)
    total, empty = 0, 0
    chunks: deque[_Chunk] = deque()
    with contextlib.ExitStack() as stack:
        stack.enter_context(frozen_objects())
        names, rows = stack.enter_context(job.open(source))
        text = text_column(names, job.column, source, advice=ADVICE)
        log_text_column(names, job.column, source)
        added = _added_columns(names, target.columns, source)
        if model:
            identity = _identity(job, text, model)
            kept = stack.enter_context(keep_answers(job.output, source, identity, target.columns))
            answers = kept.complete(answer, _texts(rows, text, chunks))
        else:
            answers = iter(answer(_texts(rows, text, chunks)))
        write = stack.enter_context(
            table_writer(
                job.output,
                [*names, *added.values()],
                _types(job, source, added),
                bom=job.bom or has_bom(source),
            )
        )
        for one in answers:
            chunk = chunks.popleft()
            empty += _add_answers(chunk, added, one)
            write([*chunk.rows])
            total += len(chunk.rows)
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


def _added_columns(names: Sequence[str], columns: Sequence[str], source: Path) -> dict[str, str]:
    """Name of each prediction column in the output."""
    taken, added = set(names), {}
    for column in columns:
        added[column] = column
        for number in itertools.count(1):
            if added[column] not in taken:
                break
            added[column] = f"{column}{ADDED}{number if number > 1 else ''}"
    if clashing := [column for column in columns if added[column] != column]:
        logger.info(
            "%s: column names already in use: %s; the predictions are in %s",
            *(source.name, ", ".join(clashing), ", ".join(added[one] for one in clashing)),
        )
    return added


def _identity(job: TableJob, text: str, model: str) -> dict[str, Any]:
    """Parameters that determine the predictions for a file, besides its content."""
    return {
        "version": version("review-sentiment"),
        "model": model,
        "column": text,
        "join_fields": job.join_fields,
        "sheet": job.sheet,
        "chunk": CHUNK_ROWS,
    }


def _types(job: TableJob, source: Path, added: Mapping[str, str]) -> dict[str, Any]:
    """Types of the columns of a Parquet output."""
    if file_format(job.output) != ".parquet":
        return {}
    import pyarrow as pa

    kinds = {
        name: pa.string() if column == "label" else pa.float64() for column, name in added.items()
    }
    return column_types(source, job.sheet) | kinds


def _texts(rows: Iterator[Row], text: str, chunks: deque[_Chunk]) -> Iterator[list[str]]:
    """Yield the texts of each chunk of rows; append the rows to ``chunks``."""
    while chunk := freeze_new(lambda: list(itertools.islice(rows, CHUNK_ROWS))):
        texts = [row.text(text) for row in chunk]
        chunks.append(_Chunk(chunk, [index for index, one in enumerate(texts) if one]))
        yield [one for one in texts if one]


def _add_answers(chunk: _Chunk, added: Mapping[str, str], answers: Iterable[dict[str, Any]]) -> int:
    """Add the predictions to the rows; return the number of rows without a prediction."""
    unanswered = dict.fromkeys(added.values())
    for row in chunk.rows:
        row.update(unanswered)
    empty = len(chunk.rows)
    for index, answer in zip(chunk.known, answers, strict=True):
        chunk.rows[index].update((name, answer[column]) for column, name in added.items())
        empty -= answer[next(iter(added))] is not None
    return empty
