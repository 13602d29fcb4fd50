"""Chooses the reviews for which labelling by hand is most useful."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Floats
from pipeline.target.base import EVEN

UNCERTAIN_SHARE = 0.5
"""Share of the chosen texts that are those of which a model is least certain; the others are a
random sample."""


def choose(texts: Sequence[str], positive: Floats, count: int) -> list[int]:
    """Choose texts: one half of which the model is least certain, the other half at random.

    Uncertainty sampling (Lewis and Gale, "A Sequential Algorithm for Training Text Classifiers",
    1994) finds many examples of a rare class. Alone it leads to a worse model than a random sample,
    because it leaves out typical reviews. With a random half the model is about as good, and a rare
    class is seldom missing.

    Args:
        texts: Distinct cleaned texts.
        positive: The model's positivity of each text, 0 to 1, shape (texts,).
        count: Maximum number of texts to choose.

    Returns:
        Indices into ``texts``. Both halves are mixed, so that the first rows alone are a good
        choice too. Deterministic for the same texts and positivities.
    """
    ranks = [_rank(text) for text in texts]
    at_random = sorted(range(len(texts)), key=ranks.__getitem__)
    distances = np.abs(np.asarray(positive) - EVEN)
    by_uncertainty = sorted(at_random, key=distances.__getitem__)
    chosen = by_uncertainty[: round(UNCERTAIN_SHARE * count)]
    taken = set(chosen)
    rest = [at for at in at_random if at not in taken]
    chosen += rest[: count - len(chosen)]
    return sorted(chosen, key=lambda at: _rank(f"order {texts[at]}"))


def _rank(text: str) -> bytes:
    """A pseudo-random number that depends only on the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
