"""The first sentences of a report: facts that stand out, each with a link to its section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from pipeline.report.complaints import Complaints
from pipeline.report.formatting import whole_percent
from pipeline.report.intervals import Ratio
from pipeline.report.periods import period_name
from pipeline.report.phrases import Phrases
from pipeline.report.topics import MAX_TOPICS
from pipeline.topics.records import Fact, Topic, TopicReport

ORDER = (
    *("most_criticised", "most_complaints", "changed", "worst_group", "rating_effect"),
    *("hidden", "most_praised"),
)
FILLERS = ("most_complaints", "rating_effect")
"""Kinds of facts that are left out if there are enough others."""
MAX_SENTENCES = 5
SHARES = ("share", "before", "after", "elsewhere")
"""Numbers of a fact that are shown as percentages."""


class Sentence(NamedTuple):
    """A fact with its number, and a link to where the page shows it."""

    text: Markup
    link: str


def standouts(
    report: TopicReport | None,
    found: Complaints,
    groups: Sequence[tuple[str, Ratio]],
    say: Phrases,
) -> list[Sentence]:
    """At most ``MAX_SENTENCES`` sentences, complaints first.

    Args:
        report: The topics; None if there are none.
        found: The complaints.
        groups: Share of complaints by group, worst first.
        say: Texts in the language of the page.
    """
    sentences = dict(_of_topics(report, say)) if report else {}
    if found.hidden:
        key = "fact_hidden" if found.is_rated else "fact_hidden_by_label"
        text = say(key, hidden=found.hidden, total=found.total)
        sentences["hidden"] = Sentence(text, "#complaints")
    if groups and "worst_group" not in sentences:
        name, ratio = groups[0]
        if ratio.interval[0] > found.share:
            text = say("fact_group", group=name, share=whole_percent(ratio.value), of=ratio.whole)
            sentences["worst_group"] = Sentence(text, "#trends")
    for kind in reversed(FILLERS):
        if len(sentences) > MAX_SENTENCES:
            sentences.pop(kind, None)
    return [sentences[kind] for kind in ORDER if kind in sentences][:MAX_SENTENCES]


def _of_topics(report: TopicReport, say: Phrases) -> Iterator[tuple[str, Sentence]]:
    places = {topic.name: number for number, topic in enumerate(report.topics[:MAX_TOPICS], 1)}

    def link(topic: str) -> str:
        if topic in places:
            return f"#topic-{places[topic]}"
        return "#topics" if topic else "#trends"

    named = set()
    for fact in report.facts:
        if fact.kind != "hidden":
            named.add(fact.topic)
            yield fact.kind, Sentence(sentence(fact, report, say), link(fact.topic))
    most = max(report.topics, key=lambda topic: topic.negative, default=None)
    if most and most.negative and most.name not in named:
        named.add(most.name)
        text = say("fact_most_complaints", topic=most.name, negative=most.negative)
        yield "most_complaints", Sentence(text, link(most.name))
    others = (topic for topic in report.topics if topic.name not in named)
    costly = min(others, key=_cost, default=None)
    if costly and costly.rating_effect and _cost(costly) < 0:
        points = -costly.rating_effect.value
        text = say("fact_rating_effect", topic=costly.name, points=points)
        yield "rating_effect", Sentence(text, link(costly.name))


def _cost(topic: Topic) -> float:
    """The bound closer to 0 of a topic's negative effect on the rating; 0 if it has none."""
    return min(topic.rating_effect.high, 0.0) if topic.rating_effect else 0.0


def sentence(fact: Fact, report: TopicReport, say: Phrases) -> Markup:
    """The sentence for a fact of a report."""
    groups = {group.key: group.name for group in report.groups}
    key = f"fact_{fact.kind}"
    if fact.kind == "changed":
        key += "_up" if fact.numbers["change"] > 0 else "_down"
    return say(
        key,
        topic=fact.topic,
        group=groups.get(fact.group, fact.group),
        period=period_name(fact.period, say),
        **{
            name: whole_percent(value) if name in SHARES else value
            for name, value in fact.numbers.items()
        },
    )
