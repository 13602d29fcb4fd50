"""The sentences that open a report: what stands out, each with a link to its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from pipeline.report.complaints import Complaints
from pipeline.report.intervals import Ratio
from pipeline.report.periods import period_name
from pipeline.report.phrases import Phrases
from pipeline.report.topics import MAX_TOPICS
from pipeline.topics.records import Fact, TopicReport

ORDER = ("most_criticised", "changed", "worst_group", "hidden", "most_praised")
MAX_SENTENCES = 5


class Sentence(NamedTuple):
    """A fact with its number, and where the page shows it."""

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
        report: The topics; None where there are none.
        found: The complaints.
        groups: Share of complaints by group, worst first.
        say: Texts in the language of the page.
    """
    facts = {fact.kind: fact for fact in report.facts} if report else {}
    sentences = []
    for kind in ORDER:
        if kind == "hidden":
            if found.hidden:
                text = say("fact_hidden", hidden=found.hidden, total=found.total)
                sentences.append(Sentence(text, "#complaints"))
        elif report and kind in facts:
            sentences.append(_sentence(facts[kind], report, say))
        elif kind == "worst_group" and groups:
            name, ratio = groups[0]
            text = say("fact_group", group=name, share=ratio.value, of=ratio.whole)
            sentences.append(Sentence(text, "#trends"))
    return sentences[:MAX_SENTENCES]


def _sentence(fact: Fact, report: TopicReport, say: Phrases) -> Sentence:
    places = {topic.name: number for number, topic in enumerate(report.topics[:MAX_TOPICS], 1)}
    groups = {group.key: group.name for group in report.groups}
    numbers = fact.numbers
    key = f"fact_{fact.kind}"
    if fact.kind == "changed":
        key += "_up" if numbers["change"] > 0 else "_down"
    elif fact.kind == "worst_group" and not fact.topic:
        key += "_overall"
    text = say(
        key,
        topic=fact.topic,
        group=groups.get(fact.group, fact.group),
        period=period_name(fact.period, say),
        **numbers,
    )
    if fact.topic in places:
        return Sentence(text, f"#topic-{places[fact.topic]}")
    return Sentence(text, "#topics" if fact.topic else "#trends")
