"""Predicts every row of a table file."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.storage.cells import cell_text
from pipeline.storage.tables import file_format, open_table, table_writer, text_column
from pipeline.target.kinds import Target

CHUNK_ROWS = 20_000
Answer = Callable[[Iterable[list[str]]], Iterable[list[dict[str, Any]]]]
"""Function from chunks of texts to the predictions of each chunk, in order."""


def predict_file(
    target: Target, answer: Answer, source: Path, output: Path, column: str = ""
) -> int:
    """Write a copy of a table with the prediction columns added.

    Keeps the order and number of rows; rows without a text get empty predictions. Existing
    columns of the same names are replaced.

    Args:
        target: The prediction target, which names the columns.
        answer: Predicts chunks of texts, such as :meth:`Predictor.answer`.
        source: Input table: TSV, CSV, JSONL (each optionally ``.gz``) or Parquet, by suffix.
        output: Output table in the format of its own suffix. Written atomically: an existing file
            is replaced, or kept if there is an error.
        column: Text column; if empty, the first that exists of
            :data:`pipeline.storage.tables.TEXT_COLUMNS`.

    Returns:
        The number of rows.

    Raises:
        SourceError: The input cannot be read, or a suffix is unknown.
        InputError: The output's folder does not exist.
    """
    file_format(output)
    if not output.parent.is_dir():
        raise InputError(f"no such folder: {output.parent}; create it or choose another output")
    total, added = 0, target.columns
    chunks: deque[list[dict[str, Any]]] = deque()
    with open_table(source) as (names, lines):
        text = text_column(names, column, source)
        with table_writer(output, [*(n for n in names if n not in added), *added]) as write:
            for answers in answer(_texts(lines, text, chunks)):
                rows = chunks.popleft()
                write(_with_answers(rows, text, dict.fromkeys(added), answers))
                total += len(rows)
            if not total:
                write([])  # writes the header of a table without rows
    return total


def _texts(
    lines: Iterable[Mapping[str, Any]], text: str, chunks: deque[list[dict[str, Any]]]
) -> Iterator[list[str]]:
    """Yield the texts of each chunk of rows; append the rows to ``chunks``."""
    remaining = iter(lines)
    while rows := [dict(line) for line in itertools.islice(remaining, CHUNK_ROWS)]:
        chunks.append(rows)
        yield [known for row in rows if (known := _text(row, text))]


def _text(row: Mapping[str, Any], text: str) -> str:
    return cell_text(row.get(text))


def _with_answers(
    rows: list[dict[str, Any]],
    text: str,
    unanswered: dict[str, Any],
    answers: Iterable[dict[str, Any]],
) -> list[dict[str, Any]]:
    known = [index for index, row in enumerate(rows) if _text(row, text)]
    answered = [row | unanswered for row in rows]
    for index, answer in zip(known, answers, strict=True):
        answered[index] |= answer
    return answered
