"""What is said to stand out is more than the luckiest of many."""

from __future__ import annotations

import numpy as np
from scipy.stats import fisher_exact

from pipeline.topics.chance import beyond, excess
from pipeline.topics.facts import find_facts
from pipeline.topics.intervals import wilson
from pipeline.topics.records import Cell, Fact, Part, Topic
from pipeline.topics.trends import last_trend

GROUPS = tuple(Part(key=f"g{n}", name=f"g{n}", reviews=200, negative=40) for n in range(30))
PERIODS = tuple(Part(key=one, name=one, reviews=3000, negative=600) for one in ("1", "2"))
TOPICS, PER_GROUP = 40, 10


def facts(share: float, of_first: float, generator: np.random.Generator) -> dict[str, Fact]:
    """Topics whose complaints come by chance, but for the first topic's.

    Args:
        share: Probability that a mention is a complaint.
        of_first: The same of the first topic in the first group, and in the last period.
        generator: Draws.
    """

    def cells(parts: tuple[Part, ...], mentions: int, chances: list[float]) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                key=part.key, mentions=mentions, negative=int(generator.binomial(mentions, chance))
            )
            for part, chance in zip(parts, chances, strict=True)
        )

    topics = []
    for number in range(TOPICS):
        special = share if number else of_first
        by_group = cells(GROUPS, PER_GROUP, [special] + [share] * (len(GROUPS) - 1))
        by_period = cells(PERIODS, PER_GROUP * len(GROUPS) // 2, [share, special])
        negative, mentions = sum(cell.negative for cell in by_group), PER_GROUP * len(GROUPS)
        topics.append(
            Topic(
                name=f"t{number}",
                variants=(),
                aspect="",
                mentions=mentions,
                positive=mentions - negative,
                negative=negative,
                neutral=0,
                complaint_share=wilson(negative, mentions),
                lift=None,
                rating_effect=None,
                trend=last_trend(PERIODS, by_period),
                by_group=by_group,
                by_period=by_period,
                praise=(),
                complaints=(),
            )
        )
    found = find_facts(topics, GROUPS, reviews=6000, hidden=0, good=0, complaints=1200)
    return {fact.kind: fact for fact in found}


def test_chance_alone_seldom_stands_out() -> None:
    generator = np.random.default_rng(0)
    drawn = [facts(0.2, 0.2, generator) for _ in range(40)]
    for kind in ("worst_group", "changed"):
        assert sum(kind in one for one in drawn) <= 4, kind


def test_what_differs_is_found_among_the_others() -> None:
    found = facts(0.2, 0.95, np.random.default_rng(0))
    assert (found["worst_group"].topic, found["worst_group"].group) == ("t0", "g0")
    assert (found["changed"].topic, found["changed"].period) == ("t0", "2")
    assert 0 < found["changed"].numbers["low"] < found["changed"].numbers["change"]


def test_excess_is_fishers_exact_test() -> None:
    tables = np.random.default_rng(0).integers(1, 30, (50, 4))
    found = excess(tables[:, 0], tables[:, :2].sum(1), tables[:, 2], tables[:, 2:].sum(1))
    expected = [fisher_exact(one.reshape(2, 2), alternative="greater").pvalue for one in tables]
    np.testing.assert_allclose(found, expected)


def test_the_limit_falls_with_the_number_of_comparisons() -> None:
    assert beyond(np.array([0.04])).tolist() == [0]
    assert beyond(np.array([0.04, 0.03])).tolist() == []
    assert beyond(np.array([0.04, 0.02, 0.001])).tolist() == [2, 1, 0]
