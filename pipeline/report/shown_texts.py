"""The texts that a reader sees: none is blank, and each has its own topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa

KEY = ("source", "review_id")
CHANGED = ("rating", "is_complaint", "topics")
Row = dict[str, Any]
Spellings = Mapping[str, Sequence[str]]
"""The spellings of each topic by its name."""
NONE: Spellings = MappingProxyType({})


def shown_texts(judged: pa.Table, spellings: Spellings = NONE) -> pa.Table:
    """The texts of ``judged.parquet`` as they are listed for a reader, in their order.

    A review in two texts (pros and cons) also has a row for the whole review, without a text. It is
    left out. Its texts get its rating; if they are no complaints but its rating is, they count as
    complaints. Of a review with several texts, each gets the topics whose spellings it contains; a
    topic that none contains stays with all of them.

    Args:
        judged: ``judged.parquet``.
        spellings: Spellings of the topics.
    """
    rows = judged.select([*KEY, "aspect", "text", *CHANGED]).to_pylist()
    if not any(row["aspect"] for row in rows):
        return judged
    of_review: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        of_review[tuple(row[name] for name in KEY)].append(row)
    bare = {name: [_bare(one) for one in own] for name, own in spellings.items()}
    for texts in of_review.values():
        blank = [row for row in texts if not row["aspect"] and not row["text"].strip()]
        shown = [row for row in texts if row["text"].strip()]
        if blank and shown:
            _hand_over(blank[0], shown)
        _divide_topics(shown, bare)
    for name in CHANGED:
        field = judged.field(name)
        values = pa.array([row[name] for row in rows], field.type)
        judged = judged.set_column(judged.column_names.index(name), field, values)
    return judged.filter(pa.array(["is_left_out" not in row for row in rows], pa.bool_()))


def _hand_over(blank: Row, shown: Sequence[Row]) -> None:
    """Leave out the row without a text, and give its rating and complaint to the texts."""
    blank["is_left_out"] = True
    is_complaint = blank["is_complaint"] and not any(row["is_complaint"] for row in shown)
    for row in shown:
        row["is_complaint"] |= is_complaint
        row["rating"] = blank["rating"] if row["rating"] is None else row["rating"]


def _divide_topics(shown: Sequence[Row], bare: Spellings) -> None:
    """Give each text of a review the topics that it contains."""
    texts = [_bare(row["text"]) for row in shown]
    found = {
        name: [any(one in text for one in bare.get(name, ())) for text in texts]
        for name in {name for row in shown for name in row["topics"]}
    }
    for place, row in enumerate(shown):
        row["topics"] = [
            name for name in row["topics"] if found[name][place] or not any(found[name])
        ]


def _bare(text: str) -> str:
    """A text without spaces: within a spelling, a text may have fewer or more of them."""
    return "".join(text.split()).casefold()
