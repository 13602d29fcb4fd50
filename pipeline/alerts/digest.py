"""The digest: changes, criticised topics and three complaints, in at most ten lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.alerts.quoted import origin
from pipeline.alerts.quoting import quote
from pipeline.report.complaints import by_review, complaint_counts, complaints
from pipeline.report.periods import period_name, period_of
from pipeline.report.phrases import Phrases
from pipeline.report.shown_texts import shown_texts
from pipeline.report.standout import sentence
from pipeline.topics.facts import MIN_MENTIONS
from pipeline.topics.records import TopicReport

CLEAR = 0.2
"""A complaint is clear if its probability of being positive is at most this."""
QUOTES = 3
TOPICS = 3


def digest(
    report: TopicReport,
    judged: pa.Table,
    *,
    source: str,
    new: int,
    since: str,
    say: Phrases,
) -> str:
    """The lines of the digest, at most nine: the link to the report is the tenth.

    Args:
        report: The topics of the last report.
        judged: ``judged.parquet`` of the last report.
        source: Name of the source.
        new: Number of new reviews.
        since: Date from which reviews count as new.
        say: Texts in the language of the report.
    """
    known = say.name("source", source)
    return "\n".join(
        [
            say.plain("digest_title", source=known),
            say.plain("digest_new" if new else "digest_new_none", new=new, since=since),
            *_shares(report, judged, say),
            *_changes(report, say),
            *_criticised(report, say),
            *_complaints(judged),
        ]
    )


def _shares(report: TopicReport, judged: pa.Table, say: Phrases) -> Iterator[str]:
    """The share of complaints in the last two periods, as the report counts complaints."""
    reviews = by_review(judged)
    periods = [period_of(day, report.period_unit) for day in reviews["date"].to_pylist()]
    counted = {name: (part, whole) for name, part, whole in complaint_counts(reviews, periods)}
    last = [(one.key, *counted[one.key]) for one in report.periods[-2:] if one.key in counted]
    if len(last) == 2:
        (before, part_before, whole_before), (after, part, whole) = last
        yield say.plain(
            "digest_period",
            after=period_name(after, say),
            before=period_name(before, say),
            negative=part,
            reviews=whole,
            share=part / whole,
            share_before=part_before / whole_before,
        )


def _changes(report: TopicReport, say: Phrases) -> Iterator[str]:
    """The topic that changed most between the last two periods."""
    if len(report.periods) < 2:
        return
    changed = [fact for fact in report.facts if fact.kind == "changed"]
    for fact in changed:
        named = dataclasses.replace(fact, topic=quote(fact.topic))
        yield sentence(named, report, say).striptags()
    if not changed:
        yield say.plain("digest_no_change")


def _criticised(report: TopicReport, say: Phrases) -> Iterator[str]:
    """The most criticised topics, chosen by the same rule as for the report's first sentence."""
    known = [one for one in report.topics if one.negative and one.mentions >= MIN_MENTIONS]
    worst = sorted(known, key=lambda one: -one.complaint_share.low)[:TOPICS]
    if worst:
        named = (
            say.plain(
                "digest_topic",
                topic=quote(topic.name),
                share=topic.complaint_share.value,
                mentions=topic.mentions,
            )
            for topic in worst
        )
        yield say.plain("digest_worst", topics=", ".join(named))


def _complaints(judged: pa.Table) -> Iterator[str]:
    """Quotes of the newest clear complaints; of all complaints if too few are clear."""
    judged = shown_texts(judged)
    is_clear = pc.less_equal(judged["positive"], CLEAR).fill_null(False)
    clear = judged.filter(pc.and_(judged["is_complaint"], is_clear))
    for rows in (clear, judged):
        reviews = by_review(rows)
        found = complaints(rows, reviews, {}, {}, QUOTES).shown
        if len(found) == QUOTES:
            break
    for one in found:
        text = "".join(piece for piece, _ in one.passages[0].pieces)
        yield f"“{quote(text)}”{origin(quote(one.group), one.date)}"
