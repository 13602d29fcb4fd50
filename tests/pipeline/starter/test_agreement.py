"""Labels whose scale is reversed are noticed by what the starter thinks of the texts."""

import json

import numpy as np
import pytest

from pipeline.crawl.demo_site import DATA
from pipeline.starter.agreement import FEWEST_OF_SIDE, seem_reversed

LINES = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
RATED = [(one["text"], float(one["score"])) for one in map(json.loads, LINES[:600])]


def seem_reversed_with(labels: dict[float, float], rows: list[tuple[str, float]] = RATED) -> bool:
    """Result for these reviews, with other labels instead of their ratings."""
    kept = [(text, labels[rating]) for text, rating in rows if rating in labels]
    return seem_reversed([text for text, _ in kept], [label for _, label in kept])


@pytest.mark.parametrize(
    "labels",
    [
        {1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
        {1: 0, 2: 0, 4: 1, 5: 1},
        {1: 0, 2: 0, 3: 1, 4: 2, 5: 2},
    ],
    ids=["ratings", "two classes", "three classes"],
)
def test_a_reversed_scale_is_noticed(labels: dict[float, float]) -> None:
    assert not seem_reversed_with(labels)
    assert seem_reversed_with({rating: -label for rating, label in labels.items()})


def test_too_few_of_a_side_say_nothing() -> None:
    worst = [row for row in RATED if row[1] <= 2][: FEWEST_OF_SIDE - 1]
    best = [row for row in RATED if row[1] == 5]
    assert not seem_reversed_with({1: 5, 2: 5, 5: 1}, worst + best)
    assert not seem_reversed_with({5: 1})
    assert not seem_reversed([], [])


def test_labels_that_say_nothing_about_sentiment_are_not_reversed() -> None:
    texts = [text for text, _ in RATED]
    random = np.random.default_rng(1)
    for share in (0.03, 0.1, 0.5):
        for _ in range(10):
            assert not seem_reversed(texts, random.random(len(texts)) < share)
