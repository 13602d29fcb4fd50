"""Imports the labels of a filled-in table into the review store."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import (
    LabelScheme,
    is_number,
    number_scheme,
    value_key,
)
from pipeline.crawl.parse.label_words import WORDS
from pipeline.errors import SourceError
from pipeline.label.cells import original
from pipeline.redact import excerpt
from pipeline.reviews.hand_labels import HandLabel, Saved, save_labels, text_digest
from pipeline.reviews.review import LABEL_NAMES
from pipeline.reviews.store import Key, Store
from pipeline.storage.columns import check_single, missing_column, no_rows
from pipeline.storage.tables import open_table

COLUMNS = ("source", "review_id", "text", "label")
"""Columns that the table needs."""
KNOWN = "positive, negative or neutral, 긍정, 부정 or 중립, or 1 and 0"
_NOISE = re.compile(r"[\W_]+")


class Imported(NamedTuple):
    """Result of an import.

    Attributes:
        saved: Numbers of new, changed and known labels.
        scheme: How the values of the label column were interpreted.
        empty: Number of rows without a label.
        edited: Places of labels that were left out, because the text of the review has changed.
    """

    saved: Saved
    scheme: LabelScheme
    empty: int
    edited: list[str]


class _Filled(NamedTuple):
    """A row with a label."""

    place: str
    source: str
    key: Key
    text: str
    value: str


def import_labels(path: Path, store: Store, *, dry_run: bool = False) -> Imported:
    """Save the labels of a table that :func:`~pipeline.label.suggest.suggest` wrote.

    Labels of other reviews stay. A new label of a review replaces its old one.

    Args:
        path: The table, with the columns :data:`COLUMNS` and optionally ``aspect``; other columns
            are ignored.
        store: The store that holds the reviews.
        dry_run: Check everything and save nothing.

    Raises:
        SourceError: The table cannot be read or lacks a column, a label has no known meaning, a
            review is unknown or has two labels, or the table is from another workspace. Nothing
            is saved then.
    """
    rows, empty = _read(path)
    scheme, sentiments = _sentiments(path, rows)
    _check_unique(path, rows, sentiments)
    texts = _stored_texts(path, rows, store)
    edited = [
        row.place for row, text in zip(rows, texts, strict=True) if _bare(row.text) != _bare(text)
    ]
    if len(edited) == len(rows):
        raise SourceError(
            f"{path}, {edited[0]}: no text of the table matches its review in the store: the "
            "table is from another workspace, or all texts were edited; write a new table with "
            "`review-sentiment label suggest`"
        )
    labels = {
        HandLabel(row.source, *row.key, sentiment, text_digest(text))
        for row, sentiment, text in zip(rows, sentiments, texts, strict=True)
        if row.place not in edited
    }
    with store.database.transaction() as connection:
        saved = save_labels(connection, sorted(labels))
        if dry_run:
            connection.rollback()
    return Imported(saved, scheme, empty, edited)


def _read(path: Path) -> tuple[list[_Filled], int]:
    """The rows with a label, and the number of rows without a label."""
    filled, count = [], 0
    with open_table(path, quiet=True) as (names, rows):
        if missing := next((name for name in COLUMNS if name not in names), None):
            raise missing_column(missing, names, path)
        check_single(names, [*COLUMNS, "aspect"], path)
        for row in rows:
            count += 1
            if value := row.text("label"):
                source, review_id, aspect, text = (
                    original(row.text(name), path)
                    for name in ("source", "review_id", "aspect", "text")
                )
                filled.append(_Filled(row.place, source, (review_id, aspect), text, value))
    if not count:
        raise no_rows(path)
    if not filled:
        raise SourceError(f"{path} has no label yet: fill in the column label with {KNOWN}")
    return filled, count - len(filled)


def _sentiments(path: Path, rows: list[_Filled]) -> tuple[LabelScheme, list[int]]:
    """The scheme of the labels, and the sentiment of each row."""
    found = {value_key(row.value): row.value for row in rows}
    numbers = number_scheme([[key for key in found if is_number(key)]])
    meanings = WORDS | (numbers or {})
    sentiments = []
    for row in rows:
        sentiment = meanings.get(value_key(row.value))
        if sentiment is None:
            raise SourceError(
                f"{path}, {row.place}: label {excerpt(row.value)} has no known meaning: write "
                f"{KNOWN}, or leave the cell empty"
            )
        sentiments.append(sentiment)
    return LabelScheme(meanings, found), sentiments


def _check_unique(path: Path, rows: list[_Filled], sentiments: list[int]) -> None:
    """Raise an error if a review has two labels."""
    first: dict[tuple[str, Key], tuple[str, int]] = {}
    for row, sentiment in zip(rows, sentiments, strict=True):
        place, other = first.setdefault((row.source, row.key), (row.place, sentiment))
        if other != sentiment:
            raise SourceError(
                f"{path}, {row.place}: review {excerpt(row.key[0])} is {LABEL_NAMES[sentiment]} "
                f"here and {LABEL_NAMES[other]} in {place}: keep one of the two labels"
            )


def _stored_texts(path: Path, rows: list[_Filled], store: Store) -> list[str]:
    """The current text of each row's review."""
    known = store.sources()
    if not known:
        raise SourceError(
            f"{path}: the store holds no reviews to label: run `review-sentiment crawl` first"
        )
    texts = {
        source: store.texts(source, [row.key for row in rows if row.source == source])
        for source in {row.source for row in rows}
    }
    for row in rows:
        if row.source not in known:
            raise SourceError(
                f"{path}, {row.place}: the store has no source {excerpt(row.source)}, only "
                f"{', '.join(known)}: pass the workspace that the table was written from with "
                "--workspace DIR"
            )
        if row.key not in texts[row.source]:
            raise SourceError(
                f"{path}, {row.place}: the store has no review {excerpt(row.key[0])} of "
                f"{excerpt(row.source)}: correct the id if a spreadsheet changed it, or remove the "
                "row"
            )
    return [texts[row.source][row.key] for row in rows]


def _bare(text: str) -> str:
    """What no spreadsheet changes: the letters and digits of a text that exist in CP949."""
    known = unicodedata.normalize("NFC", text).encode("cp949", "ignore").decode("cp949")
    return _NOISE.sub("", known)
