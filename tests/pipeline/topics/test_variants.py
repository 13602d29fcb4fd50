"""Spellings of one term are merged, different terms are not."""

import numpy as np
import pytest

from pipeline.topics.variants import merge_variants

SAME, OTHER = np.array([1.0, 0.0]), np.array([-1.0, 0.0])


@pytest.mark.parametrize(
    ("usual", "rare"),
    [
        ("프론트", "프런트"),
        ("어메니티", "어매니티"),
        ("침구", "침구류"),
        ("사장", "사장님"),
        ("엘리베이터", "엘레베이터"),
    ],
)
def test_spellings_become_the_usual_one(usual: str, rare: str) -> None:
    merged = merge_variants([rare, usual], np.array([5, 50]), np.array([SAME, SAME]))
    assert merged.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("색상", "책상"), ("주차장", "세차장"), ("5호선", "9호선"), ("객실", "욕실"), ("양", "양쪽")],
)
def test_different_terms_stay_apart(one: str, other: str) -> None:
    merged = merge_variants([one, other], np.array([5, 50]), np.array([SAME, SAME]))
    assert merged.tolist() == [0, 1]


def test_like_spellings_with_other_neighbours_stay_apart() -> None:
    merged = merge_variants(["프론트", "프런트"], np.array([50, 5]), np.array([SAME, OTHER]))
    assert merged.tolist() == [0, 1]


def test_a_chain_of_variants_has_one_end() -> None:
    names = ["프런트님", "프런트", "프론트"]
    merged = merge_variants(names, np.array([1, 5, 50]), np.array([SAME] * 3))
    assert merged.tolist() == [2, 2, 2]
