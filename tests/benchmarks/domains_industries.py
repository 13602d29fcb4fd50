"""Labelled reviews of several industries, their test sets and the draws from the rest."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Integers, Labels
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings

CHOOSING = ("shopping_naver_dacon", "games_steam", "hotels_yanolja")
"""Industries that may guide choices."""
CONFIRMING = ("restaurants_kakaomap", "delivery_yogiyo", "apps_laftel")
"""Industries that only confirm them."""
TEST_ROWS = 2_000
TEST_SHARE = 0.4
"""Of an industry with fewer than twice ``TEST_ROWS``."""
FEWEST_OF_CLASS = 2
"""One to train on, one to validate on."""
FEWEST = 20
"""Fewest labels of a draw."""


class Industry(NamedTuple):
    """The reviews of an industry.

    Attributes:
        name: Name of its file, without suffix.
        texts: Cleaned texts.
        labels: 0 for a complaint, 1 for a positive review, shape (texts,).
        test: Rows of the test set.
        rest: Rows to draw from.
        neutral: Cleaned texts and ratings of the reviews between the classes.
    """

    name: str
    texts: list[str]
    labels: Labels
    test: Integers
    rest: Integers
    neutral: list[tuple[str, float]]

    def texts_of(self, rows: Integers) -> list[str]:
        """The texts of some rows."""
        return [self.texts[row] for row in rows]


def read_industry(folder: Path, name: str, cleaning: CleanSettings) -> Industry:
    """Read an industry and choose its test set."""
    with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
        header, *rows = (line.rstrip("\n").split("\t") for line in file)
    lowest_positive, highest_negative = (1.0, 0.0) if header[-1] == "label" else (4.0, 2.0)
    labels: dict[str, float] = {}
    between: dict[str, float] = {}
    for _, text, value in rows:
        if highest_negative < float(value) < lowest_positive:
            between.setdefault(clean(text, cleaning), float(value))
        else:
            labels.setdefault(clean(text, cleaning), float(float(value) >= lowest_positive))
    labels.pop("", None)
    neutral = [one for one in between.items() if one[0] and one[0] not in labels]
    few = len(labels) < 2 * TEST_ROWS
    order = np.random.default_rng(0).permutation(len(labels))
    test, rest = np.split(order, [round(TEST_SHARE * len(labels)) if few else TEST_ROWS])
    values = np.array(list(labels.values()), np.float32)
    return Industry(name, list(labels), values, test, rest, neutral)


def describe(industry: Industry) -> dict[str, int]:
    """Sizes of an industry's parts."""
    return {
        "reviews": len(industry.texts),
        "complaints": int(np.sum(industry.labels == 0)),
        "test_reviews": len(industry.test),
        "test_complaints": int(np.sum(industry.labels[industry.test] == 0)),
        "to_draw_from": len(industry.rest),
        "neutral": len(industry.neutral),
    }


def draw(industry: Industry, size: int, number: int) -> tuple[Integers, int]:
    """Draw rows to train on; also returns how many samples lacked a class before."""
    random = np.random.default_rng([size, number])
    for again in itertools.count():
        rows = random.choice(industry.rest, min(size, len(industry.rest)), replace=False)
        counts = np.bincount(industry.labels[rows].astype(np.intp), minlength=2)
        if counts.min() >= FEWEST_OF_CLASS:
            return rows, again
    raise AssertionError


def draw_neutral(industry: Industry, size: int, number: int) -> list[tuple[str, float]]:
    """Draw the neutral reviews that come with a number of labelled ones."""
    share = min(size, len(industry.rest)) / len(industry.texts)
    random = np.random.default_rng([size, number, 1])
    rows = random.permutation(len(industry.neutral))[: round(share * len(industry.neutral))]
    return [industry.neutral[row] for row in rows]
