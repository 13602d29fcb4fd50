"""Computes the topic report from the texts of reviews."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats
from pipeline.topics.aspects import by_cluster, by_source, source_aspects
from pipeline.topics.documents import Documents
from pipeline.topics.extraction import Tag, Topics, find_topics
from pipeline.topics.facts import find_facts
from pipeline.topics.intervals import wilson
from pipeline.topics.judge import Answers, Judgements, judge
from pipeline.topics.mentions import Mentions
from pipeline.topics.parts import Parts
from pipeline.topics.periods import find_periods
from pipeline.topics.quotes import Quotes
from pipeline.topics.rating_effect import rating_effects
from pipeline.topics.records import SCHEMA_VERSION, Topic, TopicReport
from pipeline.topics.trends import last_trend

TOPICS_VERSION = 3
"""Incremented when the same reviews would give other topics or numbers than before."""
MOST_GROUPS = 100
MOST_SOURCES = 20
GOOD = 0.5
"""Opinion of a good rating, such as 4 of 5 stars."""


class Analysis(NamedTuple):
    """The report, and the mentions that its numbers are counted from."""

    report: TopicReport
    mentions: Mentions


def analyse(
    documents: Documents, tag: Tag, tagger: str, answers: Answers, *, reviews: int | None = None
) -> Analysis:
    """Find the topics of reviews, judge each mention, and count.

    The model also judges the reviews that it was trained on, where it tends to agree with their
    labels. So where there are ratings, they count as they are, and some negative texts with a good
    rating are missed.

    Args:
        documents: The texts of all reviews or of a sample.
        tag: The tagger.
        tagger: Its name.
        answers: The model.
        reviews: Number of all reviews; None if the documents are of all.
    """
    topics = find_topics(documents, tag, tagger)
    judged = judge(documents, topics.found, answers)
    unordered = Mentions.of(documents, topics.found, judged.logits)
    score = unordered.per_topic() + unordered.per_topic(unordered.is_complaint)
    topics = topics.ordered(np.lexsort((np.array(topics.found.names), -score)))
    mentions = Mentions.of(documents, topics.found, judged.logits)
    aspects = source_aspects(documents)
    if aspects:
        named = by_source(documents, topics.found, topics.vectors, aspects)
    else:
        named = by_cluster(mentions.per_topic(), topics.found.names, topics.vectors)
    report = _report(
        documents,
        _Judged(topics, judged, mentions, named),
        reviews=len(documents.main) if reviews is None else reviews,
        has_aspects=bool(aspects),
    )
    return Analysis(report, mentions)


class _Judged(NamedTuple):
    """The topics in the report's order, with their judgements, mentions and aspects."""

    topics: Topics
    judgements: Judgements
    mentions: Mentions
    aspects: list[str]


def _report(
    documents: Documents, judged: _Judged, *, reviews: int, has_aspects: bool
) -> TopicReport:
    main = documents.main
    ratings, is_negative = documents.ratings[main], documents.is_negative
    unit, periods = find_periods([documents.dates[one] for one in main])
    groups, group_count = Parts.by_size(
        [documents.groups[one] for one in main],
        [documents.group_names[one] for one in main],
        MOST_GROUPS,
    )
    sources = [documents.sources[one] for one in main]
    topics = _topics(judged, documents, ratings, periods, groups)
    described = groups.describe(is_negative)
    is_good = ~np.isnan(ratings) & (documents.opinions[main] >= GOOD)
    complaints = int(np.count_nonzero(is_negative))
    hidden = int(np.count_nonzero(is_good & is_negative))
    mentions = judged.mentions
    return TopicReport(
        schema_version=SCHEMA_VERSION,
        reviews=reviews,
        sampled=len(main),
        rated=int(np.count_nonzero(~np.isnan(ratings))),
        negative=complaints,
        complaint_share=float(mentions.is_complaint.mean()) if len(mentions.topics) else None,
        period_unit=unit,
        periods=periods.describe(is_negative),
        groups=described,
        group_count=group_count,
        sources=Parts.by_size(sources, sources, MOST_SOURCES)[0].describe(is_negative),
        has_aspects=has_aspects,
        topics=topics,
        facts=find_facts(
            topics,
            described,
            reviews=len(main),
            hidden=hidden,
            good=int(np.count_nonzero(is_good)),
            complaints=complaints,
        ),
    )


def _topics(
    judged: _Judged, documents: Documents, ratings: Floats, periods: Parts, groups: Parts
) -> tuple[Topic, ...]:
    mentions, found = judged.mentions, judged.topics.found
    total = mentions.per_topic().tolist()
    positive = mentions.per_topic(mentions.is_praise).tolist()
    negative = mentions.per_topic(mentions.is_complaint).tolist()
    average = sum(negative) / max(sum(total), 1)
    effects = rating_effects(mentions.topics, mentions.reviews, ratings, mentions.count)
    described = periods.describe(documents.is_negative)
    in_time, in_groups = periods.cells(mentions), groups.cells(mentions)
    quoted = Quotes(documents, found, judged.judgements)
    return tuple(
        Topic(
            name=name,
            variants=judged.topics.variants[one],
            aspect=judged.aspects[one],
            mentions=total[one],
            positive=positive[one],
            negative=negative[one],
            neutral=total[one] - positive[one] - negative[one],
            complaint_share=wilson(negative[one], total[one]),
            lift=negative[one] / total[one] / average if average else None,
            rating_effect=effects[one],
            trend=last_trend(described, in_time[one]),
            by_group=tuple(cell for cell in in_groups[one] if cell.mentions),
            by_period=tuple(in_time[one]),
            praise=quoted.of(one, praise=True),
            complaints=quoted.of(one, praise=False),
        )
        for one, name in enumerate(found.names)
    )
