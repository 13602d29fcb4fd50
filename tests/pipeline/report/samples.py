"""Topics of reviews by the words in their texts, counted without the analysis."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline.topics.records import (
    Cell,
    Fact,
    Interval,
    Part,
    Quote,
    Topic,
    TopicReport,
    Trend,
)


def wilson(part: int, whole: int) -> Interval:
    """A share with Wilson's interval."""
    from scipy.stats import binomtest

    found = binomtest(part, whole).proportion_ci(method="wilson")
    return Interval(value=part / whole, low=float(found.low), high=float(found.high))


def quarter(row: dict[str, Any]) -> str:
    """Key of a row's quarter."""
    return f"{row['date'][:4]}-Q{(int(row['date'][5:7]) + 2) // 3}"


def topic_report(rows: Sequence[dict[str, Any]], words: Sequence[str]) -> TopicReport:
    """Topics of the rows of ``judged.parquet``: one for each word, negative as the text is.

    Args:
        rows: One for each review, with a date and a group.
        words: Names of the topics.
    """
    periods = [Part(key=key, name=key, reviews=count, negative=0)
               for key, count in sorted(Counter(map(quarter, rows)).items())]  # fmt: skip
    groups = [Part(key=key, name=key, reviews=count, negative=0)
              for key, count in Counter(row["group"] for row in rows).most_common(10)]  # fmt: skip
    topics = [_topic(word, [row for row in rows if word in row["text"]], periods, groups)
              for word in words if any(word in row["text"] for row in rows)]  # fmt: skip
    mentions = sum(topic.mentions for topic in topics)
    negative = sum(topic.negative for topic in topics)
    worst = max(topics, key=lambda topic: topic.complaint_share.low)
    best = min(topics, key=lambda topic: topic.complaint_share.high)
    return TopicReport(
        schema_version=1,
        reviews=len(rows),
        sampled=len(rows),
        rated=sum(row["rating"] is not None for row in rows),
        negative=sum(row["is_complaint"] for row in rows),
        complaint_share=negative / mentions,
        period_unit="quarter",
        periods=tuple(periods),
        groups=tuple(groups),
        group_count=len({row["group"] for row in rows}),
        sources=(),
        has_aspects=False,
        topics=tuple(topics),
        facts=(
            Fact(kind="most_criticised", topic=worst.name, group="", period="", numbers={
                "mentions": worst.mentions, "negative": worst.negative,
                "share": worst.complaint_share.value}),
            Fact(kind="most_praised", topic=best.name, group="", period="", numbers={
                "mentions": best.mentions, "positive": best.positive,
                "share": best.positive / best.mentions}),
            Fact(kind="changed", topic=worst.name, group="", period=periods[-1].key, numbers={
                "before": 0.4, "after": 0.5, "change": 0.1, "low": 0.01, "high": 0.2}),
            Fact(kind="worst_group", topic=worst.name, group=groups[0].key, period="", numbers={
                "mentions": 20, "negative": 15, "share": 0.75, "elsewhere": 0.5}),
        ),
    )  # fmt: skip


def _topic(
    word: str, rows: Sequence[dict[str, Any]], periods: Sequence[Part], groups: Sequence[Part]
) -> Topic:
    negative = [row for row in rows if row["is_complaint"]]
    positive = [row for row in rows if not row["is_complaint"]]
    by_period, by_group = defaultdict(list), defaultdict(list)
    for row in rows:
        by_period[quarter(row)].append(row["is_complaint"])
        by_group[row["group"]].append(row["is_complaint"])
    cells = [Cell(key=one.key, mentions=len(by_period[one.key]), negative=sum(by_period[one.key]))
             for one in periods]  # fmt: skip
    of_groups = [
        Cell(key=one.key, mentions=len(by_group[one.key]), negative=sum(by_group[one.key]))
        for one in groups if by_group[one.key]
    ]  # fmt: skip
    return Topic(
        name=word,
        variants=(),
        aspect="",
        mentions=len(rows),
        positive=len(positive),
        negative=len(negative),
        neutral=0,
        complaint_share=wilson(len(negative), len(rows)),
        lift=1.0,
        rating_effect=Interval(value=-0.42, low=-0.6, high=-0.2),
        trend=_trend(cells),
        by_group=tuple(of_groups),
        by_period=tuple(cells),
        praise=tuple(_quote(row, word) for row in positive[:3]),
        complaints=tuple(_quote(row, word) for row in negative[:3]),
    )


def _trend(cells: Sequence[Cell]) -> Trend | None:
    if len(cells) < 2 or not all(cell.mentions for cell in cells[-2:]):
        return None
    before, after = (cell.negative / cell.mentions for cell in cells[-2:])
    change = Interval(value=after - before, low=after - before - 0.2, high=after - before + 0.2)
    return Trend(before=cells[-2].key, after=cells[-1].key, complaint_change=change,
                 mention_change=change)  # fmt: skip


def _quote(row: dict[str, Any], word: str) -> Quote:
    begin = max(0, row["text"].index(word) - 20)
    text = row["text"][begin : begin + 120]
    at = text.index(word)
    return Quote(source=row["source"], review_id=row["review_id"], aspect="", group=row["group"],
                 date=row["date"], rating=row["rating"], positive=row["positive"] or 0.5,
                 text=text, spans=((at, at + len(word)),))  # fmt: skip
