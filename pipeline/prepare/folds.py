"""Folds for predictions of held-out examples."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Integers

FOLDS = 5
FEW = 5_000
"""With fewer examples than this, predictions of held-out examples come from cross-validation."""


def fold_numbers(texts: Sequence[str], classes: Sequence[int]) -> Integers:
    """The fold of each example: ``FOLDS`` folds, each with about the same share of each class.

    Equal texts share a fold. Deterministic, without a seed.

    Args:
        texts: Cleaned text of each example.
        classes: Class of each example.

    Returns:
        Number of the fold, shape (examples,); fewer than ``FOLDS`` folds if there are fewer texts.
    """
    ordered = sorted(zip(texts, classes, strict=True), key=lambda one: _rank(one[0]))
    numbers: dict[str, int] = {}
    placed: Counter[int] = Counter()
    for text, one in ordered:
        if text not in numbers:
            numbers[text] = placed[one] % FOLDS
            placed[one] += 1
    return np.array([numbers[text] for text in texts], np.intp)


def _rank(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
