"""Texts of hostile reviewers, and reports made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.topics.records import Cell, Fact, Interval, Part, Topic, TopicReport, Trend
from tests.pipeline.report.samples import wilson

HOSTILE = (
    "<!channel> <!here> <@U012AB3CD> @here @channel @everyone 환불",
    "<https://evil.example|여기> https://evil.example/a?b=c www.evil.com evil.com 환불",
    "[환불](https://evil.example) ![x](http://evil.com/x.png) *굵게* _기울임_ ~취소~ `코드`",
    "<at>모두</at> <script>alert(1)</script> &lt;!channel&gt; 환불 &amp;",
    "환불\x1b[31m\u202e\u2066 뒤집기 \x07",
    "\uff1c!channel\uff1e \uff20here 환불 \uff3b링크\uff3d(javascript:alert(1)) mailto:a@evil.com",
)
REVIEWS = 200
PERIODS = ("2026-10", "2026-11")


def report(counts: Mapping[str, tuple[int, int]], *facts: Fact, mentions: int = 60) -> TopicReport:
    """Topics of two months of 200 reviews each.

    Args:
        counts: Complaints in each month by topic.
        facts: Of the report.
        mentions: Of each topic in each month.
    """
    parts = tuple(Part(key=key, name=key, reviews=REVIEWS, negative=20 + 10 * n)
                  for n, key in enumerate(PERIODS))  # fmt: skip
    return TopicReport(
        schema_version=1,
        reviews=2 * REVIEWS,
        sampled=2 * REVIEWS,
        rated=0,
        negative=50,
        complaint_share=0.3,
        period_unit="month",
        periods=parts,
        groups=(),
        group_count=0,
        sources=(),
        has_aspects=False,
        topics=tuple(_topic(name, pair, mentions) for name, pair in counts.items()),
        facts=facts,
    )


def _topic(name: str, complaints: tuple[int, int], mentions: int) -> Topic:
    cells = tuple(Cell(key=key, mentions=mentions, negative=negative)
                  for key, negative in zip(PERIODS, complaints, strict=True))  # fmt: skip
    negative = sum(complaints)
    even = Interval(value=0, low=-1, high=1)
    return Topic(
        name=name,
        variants=(),
        aspect="",
        mentions=2 * mentions,
        positive=2 * mentions - negative,
        negative=negative,
        neutral=0,
        complaint_share=wilson(negative, 2 * mentions),
        lift=None,
        rating_effect=None,
        trend=Trend(
            before=PERIODS[0], after=PERIODS[1], complaint_change=even, mention_change=even
        ),
        by_group=(),
        by_period=cells,
        praise=(),
        complaints=(),
    )


def changed(topic: str) -> Fact:
    """The fact that complaints on a topic rose."""
    numbers = {"before": 0.1, "after": 0.4, "change": 0.3, "low": 0.1, "high": 0.4}
    return Fact(kind="changed", topic=topic, group="", period=PERIODS[1], numbers=numbers)


def judged(*rows: dict[str, Any]) -> pa.Table:
    """Rows of ``judged.parquet``: complaints of 2026-11-01, unless they say otherwise."""
    common: dict[str, Any] = {
        "source": "s", "aspect": "", "group": "", "date": "2026-11-01", "rating": None,
        "label": None, "answer": "negative", "positive": 0.05, "is_complaint": True,
        "is_hidden": False, "is_doubtful": False, "topics": [],
    }  # fmt: skip
    filled = [common | {"review_id": str(number)} | row for number, row in enumerate(rows)]
    return pa.Table.from_pylist(filled, JUDGED_SCHEMA)
