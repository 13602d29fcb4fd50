"""Writes the table of reviews to label by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DataError, SourceError
from pipeline.label.cells import protect
from pipeline.label.selection import choose
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.reviews.hand_labels import HandLabel, read_labels
from pipeline.reviews.review import LABEL_NAMES
from pipeline.reviews.store import Store
from pipeline.settings import CleanSettings
from pipeline.storage.formats import file_format
from pipeline.storage.table_writer import table_writer
from pipeline.storage.tables import open_table
from pipeline.storage.workbook_writer import day_cell
from pipeline.target.base import rounded

TEXTS = ("source", "review_id", "aspect", "date", "group_name", "text")
"""Columns of the review; the first three identify it. A group without a name is shown by its id."""
SUGGESTED = {name: f"suggested_{name}" for name in ("label", "probability", "score")}
"""Names in this table of the columns of a prediction."""
LABEL = "label"
"""The empty column that the user fills in."""
BATCH_ROWS = 10_000

Row = dict[str, Any]
Labels = Mapping[str, Mapping[tuple[str, str], HandLabel]]
"""Labels given by hand, by source and key."""


class Suggested(NamedTuple):
    """Numbers of suggested and labelled reviews.

    Attributes:
        rows: Number of reviews in the table.
        unlabeled: Number of reviews to choose from: different texts without a label.
        by_hand: Number of labels given by hand so far, by name.
    """

    rows: int
    unlabeled: int
    by_hand: dict[str, int]


def suggest(
    reviews: Path, store: Store, predictor: TextPredictor, path: Path, count: int
) -> Suggested:
    """Write the reviews of a snapshot that are most useful to label by hand, with predictions.

    The same snapshot, labels and predictor give the same table.

    Args:
        reviews: ``reviews.parquet`` of the snapshot.
        store: The store, which holds the labels given by hand.
        predictor: Predicts the sentiment.
        path: Table to write; its suffix selects the format.
        count: Maximum number of reviews.

    Raises:
        DataError: Every review has a label or a rating, or the file exists and holds labels.
        SourceError: The suffix is not supported.
    """
    _check_output(path)
    sources = pq.read_table(reviews, columns=["source"])["source"].unique().to_pylist()
    with store.database.reading() as connection:
        labels = {source: read_labels(connection, source) for source in sources}
    texts = _without_label(reviews, labels, predictor.clean)
    table = list(texts.values())
    adapted = predictor.adapted_to(row["text"] for row in table)
    predicted = adapted.predict([row["text"] for row in table])
    chosen = choose(list(texts), predictor.target.positive(predicted), count)
    answers = predictor.target.answers(predicted[chosen])
    _write(path, [table[at] for at in chosen], [rounded(answer) for answer in answers])
    given = [one.label for of_source in labels.values() for one in of_source.values()]
    by_hand = {name: given.count(number) for number, name in enumerate(LABEL_NAMES)}
    return Suggested(len(chosen), len(texts), by_hand)


def _check_output(path: Path) -> None:
    """Check the suffix, and that no filled-in table would be overwritten."""
    file_format(path)
    if not path.is_file():
        return
    with contextlib.suppress(SourceError), open_table(path, quiet=True) as (_, rows):
        if any(row.get(LABEL) for row in rows):
            raise DataError(f"{path} already has labels: choose another file for new suggestions")


def _rows(reviews: Path) -> Iterator[Row]:
    """Yield the reviews that are not part of a test set of the user."""
    columns = [*TEXTS, "group", "rating", "label", "held_out"]
    with pq.ParquetFile(reviews, pre_buffer=False) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            for row in batch.to_pylist():
                if not row["held_out"]:
                    yield row | {"group_name": row["group_name"] or row["group"]}


def _without_label(reviews: Path, labels: Labels, cleaning: CleanSettings) -> dict[str, Row]:
    """The first review of each cleaned text, without texts that a labelled review has too."""
    texts: dict[str, Row] = {}
    labelled = {""}
    rows = 0
    for row in _rows(reviews):
        rows += 1
        text = clean(row["text"], cleaning)
        if _is_labelled(row, labels):
            labelled.add(text)
        else:
            texts.setdefault(text, row)
    found = {text: row for text, row in texts.items() if text not in labelled}
    if not found:
        raise DataError(_nothing_left(rows))
    return found


def _is_labelled(row: Row, labels: Labels) -> bool:
    """Whether a review has a label or rating, or was labelled after the snapshot was made."""
    if row["label"] is not None or row["rating"] is not None:
        return True
    label = labels[row["source"]].get((row["review_id"], row["aspect"]))
    return label is not None and label.fits(row["text"])


def _nothing_left(rows: int) -> str:
    if not rows:
        return "nothing to label: the last snapshot holds no reviews"
    return (
        f"nothing to label: all {rows:,} reviews of the last snapshot have a label or a rating, "
        "or no text of their own; train with `review-sentiment run`"
    )


def _write(path: Path, rows: list[Row], answers: list[Row]) -> None:
    names = [name for name in SUGGESTED if name in answers[0]]
    columns = [*TEXTS, *(SUGGESTED[name] for name in names), LABEL]
    numbers = {SUGGESTED[name]: pa.float64() for name in names if name != "label"}
    is_csv, is_workbook = (file_format(path) == one for one in (".csv", ".xlsx"))
    with table_writer(path, columns, numbers, bom=is_csv) as write:
        write(
            [
                {name: protect(row[name], path) for name in TEXTS}
                | ({"date": day_cell(row["date"])} if is_workbook else {})
                | {SUGGESTED[name]: answer[name] for name in names}
                | {LABEL: ""}
                for row, answer in zip(rows, answers, strict=True)
            ]
        )
