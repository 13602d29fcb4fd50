"""The workbook of a comparison: all numbers of the page, and the underlying reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.report.comparison.differences import Difference
from pipeline.report.comparison.overall import Overall
from pipeline.report.comparison.reading import SIDES, Compared
from pipeline.report.intervals import Ratio
from pipeline.report.phrases import Phrases
from pipeline.report.workbook import MAX_ROWS
from pipeline.storage import names as files
from pipeline.storage.files import atomic_write
from pipeline.storage.workbook_sheets import Sheet, write_workbook
from pipeline.storage.workbook_writer import Share, day_cell
from pipeline.topics.records import Interval

REVIEW_COLUMNS = ("group", "date", "rating", "is_complaint", "source", "review_id")
MENTION_COLUMNS = ("topic", "judgement", "group", "date", "rating", "source", "review_id")


def write_comparison_workbook(
    output: Path,
    compared: Compared,
    names: Sequence[str],
    found: Sequence[Difference],
    overall: Overall,
    say: Phrases,
) -> None:
    """Write ``comparison.xlsx``.

    Args:
        output: The workbook.
        compared: The reviews of both sides.
        names: Names of the two sides.
        found: All topics.
        overall: Both sides as a whole.
        say: Texts in the language of the page.
    """
    of = dict(zip(SIDES, names, strict=True))
    summary = list(_summary(overall, say))
    if max(compared.reviews.num_rows, compared.mentions.num_rows) > MAX_ROWS:
        cut = say("sheet_cut", rows=MAX_ROWS, file=files.JUDGED)
        summary.append([cut, compared.reviews.num_rows, None, None, None, None])
    bounds = [say("difference"), say("column_low"), say("column_high")]
    sheets = [
        Sheet(say("sheet_summary"), [say("column_what"), *names, *bounds], summary),
        Sheet(say("sheet_topics"), _topic_columns(names, bounds, say), map(_topic, found)),
        _sheet("sheet_mentions", MENTION_COLUMNS, compared.mentions, of, say),
        _sheet("sheet_reviews", REVIEW_COLUMNS, compared.reviews, of, say),
    ]
    with atomic_write(output) as file:
        write_workbook(file, sheets, output)


def _summary(overall: Overall, say: Phrases) -> Iterator[list[Any]]:
    a, b = overall.complaints
    nothing = [None, None, None]
    yield [say("number_reviews"), a.whole, b.whole, *nothing]
    yield [say("complaints_number"), a.part, b.part, *nothing]
    yield [
        *(say("complaint_share"), Share(a.value), Share(b.value)),
        *_bounds(overall.gap, Share),
    ]
    yield [say("rated_reviews"), *overall.rated, *nothing]
    yield [say("mean_rating"), *overall.ratings, *_bounds(overall.rating_gap, float)]


def _topic_columns(names: Sequence[str], bounds: Sequence[str], say: Phrases) -> list[str]:
    of_sides = [
        f"{name}: {say(what)}"
        for name in names
        for what in ("mentions", "complaints_number", "complaint_share")
    ]
    return [say("topic"), *of_sides, *bounds, say("p_value"), say("p_adjusted"), say("is_marked")]


def _topic(one: Difference) -> list[Any]:
    return [
        *(one.topic, *_counts(one.a), *_counts(one.b), *_bounds(one.gap, Share)),
        *(one.p_value, one.adjusted, one.is_sure or None),
    ]


def _counts(ratio: Ratio | None) -> list[Any]:
    return [ratio.whole, ratio.part, Share(ratio.value)] if ratio else [0, 0, None]


def _bounds(interval: Interval | None, kind: type[float]) -> list[float | None]:
    if interval is None:
        return [None, None, None]
    return [kind(interval.value), kind(interval.low), kind(interval.high)]


def _sheet(
    name: str, columns: Sequence[str], table: pa.Table, of: dict[str, str], say: Phrases
) -> Sheet:
    """Rows of a table, with the name of their side as first column."""

    def rows() -> Iterator[list[Any]]:
        for batch in table.select(["side", *columns]).to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                row["date"] = day_cell(row["date"])
                if "judgement" in row:
                    row["judgement"] = say.name("class", row["judgement"])
                if "is_complaint" in row:
                    row["is_complaint"] = say("yes") if row["is_complaint"] else None
                yield [of[row.pop("side")], *(row[name] for name in columns)]

    headers = [say("column_side"), *(say(f"column_{column}") for column in columns)]
    return Sheet(say(name), headers, islice(rows(), MAX_ROWS))
