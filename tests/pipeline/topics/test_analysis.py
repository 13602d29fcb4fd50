"""Every number of a report equals one counted here from the reviews themselves."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import WorkspaceError
from pipeline.topics.analysis import Analysis, analyse
from pipeline.topics.documents import Documents
from pipeline.topics.intervals import difference, wilson
from pipeline.topics.records import TopicReport
from tests.pipeline.topics.made_up import BAD, GOOD, answers, apartment_texts, documents, tagger

MONTHS = [f"2026-{month:02d}-15" for month in (7, 8, 9)]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Documents, Analysis]:
    texts = apartment_texts() * 3
    count = len(texts)
    bad = [any(word in text for word in BAD) for text in texts]
    documents_ = documents(
        texts,
        groups=[("", "가", "나")[number % 3] for number in range(count)],
        dates=[MONTHS[number * 3 // count] for number in range(count)],
        ratings=[5 - 2 * is_bad - (number % 5 == 0) for number, is_bad in enumerate(bad)],
    )
    tag = tagger(memo=tmp_path_factory.mktemp("memo"))
    return documents_, analyse(documents_, tag, "okt", answers)


def counted(documents_: Documents, spellings: set[str]) -> dict[int, bool]:
    """Whether each review that mentions a topic is negative; of one clause each."""
    found = {}
    for number, text in enumerate(documents_.texts):
        if any(text.startswith(one) for one in spellings):
            found[number] = not any(word in text for word in GOOD)
    return found


def test_counts_are_those_of_the_reviews(given: tuple[Documents, Analysis]) -> None:
    documents_, (report, _) = given
    assert {topic.name.replace(" ", "") for topic in report.topics} == {
        "층간소음", "주차자리", "관리비", "체크인", "유심배송", "엘리베이터",
    }  # fmt: skip
    everything = negatives = 0
    for topic in report.topics:
        found = counted(documents_, {topic.name, *topic.variants})
        negative = sum(found.values())
        everything, negatives = everything + len(found), negatives + negative
        assert (topic.mentions, topic.negative) == (len(found), negative)
        assert topic.positive + topic.negative + topic.neutral == topic.mentions
        assert topic.complaint_share == wilson(negative, len(found))
        for cell in topic.by_group:
            own = [bad for number, bad in found.items() if documents_.groups[number] == cell.key]
            assert (cell.mentions, cell.negative) == (len(own), sum(own))
        for cell in topic.by_period:
            own = [bad for number, bad in found.items() if documents_.dates[number][:7] == cell.key]
            assert (cell.mentions, cell.negative) == (len(own), sum(own))
    assert report.complaint_share == pytest.approx(negatives / everything)
    for topic in report.topics:
        lift = topic.negative / topic.mentions / (negatives / everything)
        assert topic.lift == pytest.approx(lift)


def test_parts_are_those_of_the_reviews(given: tuple[Documents, Analysis]) -> None:
    documents_, (report, _) = given
    count = len(documents_)
    bad = [not any(word in text for word in GOOD) for text in documents_.texts]
    assert (report.reviews, report.sampled, report.rated) == (count, count, count)
    assert report.negative == sum(bad)
    assert report.period_unit == "month"
    for parts, values in (
        (report.groups, documents_.groups),
        (report.periods, [date[:7] for date in documents_.dates]),
        (report.sources, documents_.sources),
    ):
        for part in parts:
            own = [is_bad for value, is_bad in zip(values, bad, strict=True) if value == part.key]
            assert (part.reviews, part.negative) == (len(own), sum(own))
    assert [part.key for part in report.periods] == ["2026-07", "2026-08", "2026-09"]
    assert sorted(part.name for part in report.groups) == ["가 이름", "나 이름"]
    assert report.group_count == 2


def test_the_trend_compares_the_last_two_periods(given: tuple[Documents, Analysis]) -> None:
    _, (report, _) = given
    before, after = report.periods[-2:]
    for topic in report.topics:
        assert topic.trend is not None
        first, last = topic.by_period[-2:]
        assert (topic.trend.before, topic.trend.after) == (before.key, after.key)
        assert topic.trend.mention_change == difference(
            wilson(first.mentions, before.reviews), wilson(last.mentions, after.reviews)
        )
        assert topic.trend.complaint_change == difference(
            wilson(first.negative, first.mentions), wilson(last.negative, last.mentions)
        )


def test_topics_are_ordered_by_mentions_and_complaints(given: tuple[Documents, Analysis]) -> None:
    scores = [topic.mentions + topic.negative for topic in given[1].report.topics]
    assert scores == sorted(scores, reverse=True)


def test_quotes_show_the_topic_and_its_judgement(given: tuple[Documents, Analysis]) -> None:
    documents_, (report, _) = given
    for topic in report.topics:
        assert topic.praise and topic.complaints
        for quote in (*topic.praise, *topic.complaints):
            assert quote.text.strip("…") in documents_.texts[int(quote.review_id)]
            shown = {quote.text[begin:end] for begin, end in quote.spans}
            assert shown and shown <= {topic.name, *topic.variants}
        for side, words in ((topic.praise, GOOD), (topic.complaints, BAD)):
            assert all(any(word in quote.text for word in words) for quote in side)


def test_facts_repeat_numbers_of_the_report(given: tuple[Documents, Analysis]) -> None:
    documents_, (report, _) = given
    topics = {topic.name: topic for topic in report.topics}
    facts = {fact.kind: fact for fact in report.facts}
    assert {"most_praised", "most_criticised", "hidden"} <= facts.keys()
    praised, criticised = facts["most_praised"], facts["most_criticised"]
    best = max(wilson(one.positive, one.mentions).low for one in report.topics)
    topic = topics[praised.topic]
    assert wilson(topic.positive, topic.mentions).low == best
    assert praised.numbers["positive"] == topic.positive
    worst = topics[criticised.topic]
    assert worst.complaint_share.low == max(one.complaint_share.low for one in report.topics)
    assert criticised.numbers["negative"] == worst.negative
    good = documents_.opinions >= 0.5
    negative = documents_.positive < 0.5
    assert facts["hidden"].numbers == {
        "hidden": np.count_nonzero(good & negative),
        "good": np.count_nonzero(good),
        "complaints": np.count_nonzero(negative),
    }


def test_mentions_are_what_the_report_counts(given: tuple[Documents, Analysis]) -> None:
    _, (report, mentions) = given
    assert mentions.per_topic().tolist() == [topic.mentions for topic in report.topics]
    assert mentions.per_topic(mentions.is_complaint).tolist() == [
        topic.negative for topic in report.topics
    ]


def test_a_report_survives_json(given: tuple[Documents, Analysis]) -> None:
    report = given[1].report
    assert TopicReport.from_json(report.to_json()) == report


def test_json_of_another_schema_is_refused(given: tuple[Documents, Analysis]) -> None:
    other = replace(given[1].report, schema_version=99)
    with pytest.raises(WorkspaceError, match="schema 99"):
        TopicReport.from_json(other.to_json())
    with pytest.raises(WorkspaceError, match="malformed"):
        TopicReport.from_json(b"{}")


def test_aspects_of_a_review_count_it_once(tmp_path: Path) -> None:
    texts = [
        f"층간소음{end} {bad}" for end, bad in itertools.product(("이", "은", "도", "을"), BAD)
    ]
    both = [text for text in texts for _ in range(2)]
    made = documents(
        both,
        review_ids=[str(number // 2) for number in range(len(both))],
        aspects=["", "거주"] * len(texts),
    )
    report = analyse(made, tagger(memo=tmp_path), "okt", answers).report
    assert report.reviews == len(texts)
    assert [(one.name, one.mentions, one.negative) for one in report.topics] == [
        ("층간소음", len(texts), len(texts))
    ]


@pytest.mark.parametrize(
    "texts", [[""], ["ㅋㅋㅋ"], ["좋아요"], ["층간소음이 심해요"], ["", "좋아요", "good", "123"]]
)
def test_a_collection_without_topics_has_an_empty_report(texts: list[str], tmp_path: Path) -> None:
    report = analyse(documents(texts), tagger(memo=tmp_path), "okt", answers).report
    assert report.topics == ()
    assert (report.reviews, report.complaint_share, report.period_unit) == (len(texts), None, "")
    assert (report.periods, report.groups, report.facts) == ((), (), ())
    assert TopicReport.from_json(report.to_json()) == report


def test_the_worst_group_and_the_change_stand_out(tmp_path: Path) -> None:
    texts = apartment_texts()
    both = [*texts, *texts]
    leaky = [("가", "2026-08-03") if any(word in text for word in BAD) else ("나", "2026-07-03")
             for text in both]  # fmt: skip
    made = documents(both, groups=[group for group, _ in leaky], dates=[date for _, date in leaky])
    report = analyse(made, tagger(memo=tmp_path), "okt", answers).report
    facts = {fact.kind: fact for fact in report.facts}
    worst, changed = facts["worst_group"], facts["changed"]
    assert (worst.group, worst.numbers["share"], worst.numbers["elsewhere"]) == ("가", 1, 0)
    assert report.periods[-1].key == changed.period
    assert (changed.numbers["before"], changed.numbers["after"]) == (0, 1)
    assert 0 < changed.numbers["low"] < changed.numbers["change"] == 1
