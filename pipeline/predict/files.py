"""Predictions for every row of a table."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.storage.tables import file_format, open_table, table_writer, text_column
from pipeline.target.kinds import Target

CHUNK_ROWS = 20_000
Answer = Callable[[Iterable[list[str]]], Iterable[list[dict[str, Any]]]]
"""Answers for each of many lists of texts, in their order."""


def predict_file(
    target: Target, answer: Answer, source: Path, output: Path, column: str = ""
) -> int:
    """Write a copy of a table with the columns of what a model predicts.

    Order and number of rows are kept, rows without a text get empty predictions.

    Args:
        target: What is predicted.
        answer: Gives the answers for each of many lists of texts, in their order, as
            :meth:`Predictor.answer` does.
        source: TSV, CSV, JSONL or Parquet, by suffix, the first three also with ``.gz``.
        output: The same, by its own suffix; replaced when it exists, left alone on an error.
        column: Column of the text; empty for the first customary one.

    Returns:
        The number of rows.

    Raises:
        SourceError: The input cannot be read, or a suffix is not known.
        InputError: The output's folder does not exist.
    """
    file_format(output)
    if not output.parent.is_dir():
        raise InputError(f"no such folder: {output.parent}; make it or choose another output")
    total, added = 0, target.columns
    chunks: deque[list[dict[str, Any]]] = deque()
    with open_table(source) as (names, lines):
        text = text_column(names, column, source)
        with table_writer(output, [*(n for n in names if n not in added), *added]) as write:
            asked = _texts(lines, text, chunks)
            for answers in answer(asked):
                rows = chunks.popleft()
                write(_with_answers(rows, text, dict.fromkeys(added), answers))
                total += len(rows)
            if not total:
                write([])  # a table without rows is one too
    return total


def _texts(
    lines: Iterable[Mapping[str, Any]], text: str, chunks: deque[list[dict[str, Any]]]
) -> Iterator[list[str]]:
    """The texts of each chunk of rows; the rows themselves are put into ``chunks``."""
    remaining = iter(lines)
    while rows := [dict(line) for line in itertools.islice(remaining, CHUNK_ROWS)]:
        chunks.append(rows)
        yield [known for row in rows if (known := _text(row, text))]


def _text(row: Mapping[str, Any], text: str) -> str:
    return str(row.get(text) or "").strip()


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
