"""Topics on which complaints rise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.alerts.rising import describe_rises, new_rises, rising_topics
from pipeline.alerts.sent import Sent
from pipeline.report.phrases import Phrases
from tests.pipeline.alerts.samples import REVIEWS, report


def test_a_clear_rise_is_found_and_a_fall_is_not() -> None:
    (rise,) = rising_topics(report({"주차": (5, 40), "소음": (40, 5), "관리비": (20, 22)}))
    assert (rise.topic, rise.period, rise.complaints) == ("주차", "2026-11", 40)
    assert (rise.before, rise.after) == (5 / REVIEWS, 40 / REVIEWS)


def test_more_complaints_with_the_same_share_of_mentions_are_a_rise() -> None:
    made = report({"곰팡이": (4, 40)})
    (topic,) = made.topics
    few, many = topic.by_period
    cells = replace(few, mentions=4), replace(many, mentions=40)
    found = rising_topics(replace(made, topics=(replace(topic, by_period=cells),)))
    assert [rise.topic for rise in found] == ["곰팡이"]


def test_the_number_of_topics_is_corrected_for() -> None:
    assert rising_topics(report({"주차": (10, 21)}))
    others = {f"주제{number}": (10, 10) for number in range(30)}
    assert not rising_topics(report({"주차": (10, 21)} | others))


def test_chance_alone_hardly_ever_alerts() -> None:
    chance = np.random.default_rng(0)
    drawn = chance.binomial(REVIEWS, 0.1, (100, 20, 2))
    alerted = [
        bool(rising_topics(report({str(n): (a, b) for n, (a, b) in enumerate(pairs.tolist())})))
        for pairs in drawn
    ]
    assert sum(alerted) <= 5


@pytest.mark.parametrize("counts", [{}, {"주차": (0, 4)}, {"주차": (0, 0)}])
def test_too_little_is_no_rise(counts: dict[str, tuple[int, int]]) -> None:
    assert rising_topics(report(counts)) == []


def test_without_periods_there_is_no_rise() -> None:
    made = report({"주차": (5, 40)})
    topics = tuple(replace(one, trend=None, by_period=()) for one in made.topics)
    assert rising_topics(replace(made, topics=topics, periods=())) == []


def test_a_topic_and_period_are_told_once(tmp_path: Path) -> None:
    made = report({"주차": (5, 40)})
    Sent(tmp_path).remember(new_rises(made, ["s"], Sent(tmp_path)))
    assert new_rises(made, ["s"], Sent(tmp_path)) == {}
    assert new_rises(report({"주차": (5, 40), "소음": (5, 40)}), ["s"], Sent(tmp_path))
    assert new_rises(made, ["other"], Sent(tmp_path))


def test_the_message_names_topic_shares_and_period() -> None:
    rises = rising_topics(report({"<!here>": (5, 40)} | {f"주제{n}": (5, 40) for n in range(9)}))
    title, *lines = describe_rises(rises, Phrases("ko")).splitlines()
    assert title == "2026년 11월에 불만이 늘어난 주제 10개"
    assert lines[0] == "‹!here›: 전체 리뷰 중 불만 비율이 2.5%에서 20.0%로 증가(불만 40건)"
    assert lines[-1] == "그 외 2건"
    assert len(lines) == 9
    assert "from 2.5% to 20.0%" in describe_rises(rises, Phrases("en"))
