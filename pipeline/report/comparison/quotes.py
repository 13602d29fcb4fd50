"""Quotes on a topic from both sides of a comparison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.report.comparison.reading import REVIEW, SIDES, Compared
from pipeline.report.complaints import marked
from pipeline.reviews.review import LABEL_NAMES, NEGATIVE, POSITIVE

WANTED = {"down": (LABEL_NAMES[NEGATIVE], "ascending", 2),
          "up": (LABEL_NAMES[POSITIVE], "descending", 1)}  # fmt: skip
"""By direction of a quote: its judgement, the sort order of probabilities, number per side."""
LONGEST = 140
"""Maximum number of characters of a quote."""
CUT = "…"

Key = tuple[str, str]


@dataclass(frozen=True)
class Excerpt:
    """A piece of a review around a mention.

    Attributes:
        way: ``down`` for a complaint, ``up`` for praise.
        pieces: The text in order, and whether each piece names the topic.
        of: Group and date of the review, if known.
    """

    way: str
    pieces: list[tuple[str, bool]]
    of: list[str]


def quotes(
    compared: Compared, spellings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, list[Excerpt]]]:
    """The clearest mentions of each topic by topic and side, complaints first.

    Args:
        compared: The reviews.
        spellings: Spellings of each topic to quote, by its name.
    """
    mentions = compared.mentions
    named = mentions.filter(pc.is_in(mentions["topic"], pa.array(spellings, pa.string())))
    chosen = {(topic, side): _clearest(named, topic, side) for topic in spellings for side in SIDES}
    texts = _texts(compared.texts, [key for found in chosen.values() for _, key in found])
    found: dict[str, dict[str, list[Excerpt]]] = defaultdict(dict)
    for (topic, side), keys in chosen.items():
        found[topic][side] = [_excerpt(way, texts[key], spellings[topic]) for way, key in keys]
    return dict(found)


def _clearest(mentions: pa.Table, topic: str, side: str) -> list[tuple[str, Key]]:
    """Direction and review of the clearest mentions of a topic on one side."""
    own = mentions.filter(
        pc.and_(pc.equal(mentions["topic"], topic), pc.equal(mentions["side"], side))
    )
    found: list[tuple[str, Key]] = []
    for way, (judgement, order, most) in WANTED.items():
        judged = own.filter(pc.equal(own["judgement"], judgement))
        by = [("positive", order), *((name, "ascending") for name in REVIEW)]
        found += [(way, _key(row)) for row in judged.sort_by(by).slice(0, most).to_pylist()]
    return found


def _texts(texts: pa.Table, keys: Sequence[Key]) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = {key: [] for key in keys}
    ids = pa.array(sorted({review_id for _, review_id in keys}), pa.string())
    for row in texts.filter(pc.is_in(texts["review_id"], ids)).to_pylist():
        if _key(row) in found:
            found[_key(row)].append(row)
    return found


def _key(row: Mapping[str, Any]) -> Key:
    return row["source"], row["review_id"]


def _excerpt(way: str, texts: Sequence[dict[str, Any]], spellings: Sequence[str]) -> Excerpt:
    """A piece of the text that names the topic, else the beginning of the first text."""
    places = [_place(row["text"], spellings) for row in texts]
    row, place = next(
        ((row, at) for row, at in zip(texts, places, strict=True) if at is not None), (texts[0], 0)
    )
    of = [str(row[name]) for name in ("group", "date") if row[name]]
    return Excerpt(way, marked(_around(row["text"], place), spellings), of)


def _place(text: str, spellings: Sequence[str]) -> int | None:
    """Index of the topic's first occurrence; None if there is none."""
    place = 0
    for piece, is_topic in marked(text, spellings):
        if is_topic:
            return place
        place += len(piece)
    return None


def _around(text: str, place: int) -> str:
    """At most ``LONGEST`` characters of a text around a place, cut at spaces where possible."""
    if len(text) <= LONGEST:
        return text
    begin = max(0, min(place - LONGEST // 3, len(text) - LONGEST))
    end = min(len(text), begin + LONGEST)
    if begin:
        begin = text.find(" ", begin, place) + 1 or begin
    if end < len(text):
        last = text.rfind(" ", place, end)
        end = last if last > place else end
    return f"{CUT if begin else ''}{text[begin:end].strip()}{CUT if end < len(text) else ''}"
