"""Folds for cross-validation."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prepare.folds import FOLDS, fold_numbers


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=200))
def test_equal_texts_share_a_fold_and_classes_are_spread(rows: list[tuple[int, bool]]) -> None:
    texts = [f"후기 {number}" for number, _ in rows]
    folds = fold_numbers(texts, [int(one) for _, one in rows])
    of_text = defaultdict(set)
    for text, fold in zip(texts, folds, strict=True):
        of_text[text].add(int(fold))
    assert all(len(found) == 1 for found in of_text.values())
    assert set(folds) <= set(range(FOLDS))


def test_each_fold_has_its_share_of_a_rare_class() -> None:
    classes = [int(number % 20 == 0) for number in range(1_000)]
    folds = fold_numbers([f"후기 {number}" for number in range(1_000)], classes)
    counts = Counter(zip(folds.tolist(), classes, strict=True))
    assert {counts[fold, 1] for fold in range(FOLDS)} == {10}
    assert {counts[fold, 0] for fold in range(FOLDS)} == {190}


def test_the_order_of_the_texts_does_not_matter() -> None:
    texts = [f"후기 {number}" for number in range(50)]
    folds = fold_numbers(texts, [0] * 50)
    assert np.array_equal(fold_numbers(texts[::-1], [0] * 50)[::-1], folds)
