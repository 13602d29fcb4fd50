"""Data drift between the reviews of a run and those of the champion's run."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.prepare.examples import tokens_of
from pipeline.reviews.review import SPLITS
from pipeline.target.base import Target
from pipeline.tokenizer.base import is_word

PROFILE_VERSION = 2
LENGTHS = (10, 20, 40, 80, 160, 320)
"""Bin edges of text lengths, in characters."""
MOST_TOKENS = 2_000
"""Number of most frequent tokens that a profile keeps."""
LEAST_SHARE = 1e-4
"""Share assigned to an empty bin, to keep logarithms finite."""
DRIFTED = 0.25
"""Population stability index that by convention indicates a significant shift."""
NEW_WORDS = 0.1
"""Share of tokens unknown to the champion's profile that counts as drift."""
SHOWN_TOKENS = 8


def profile(examples: Path, tokens: Path, target: Target) -> dict[str, Any]:
    """Summarize the labelled reviews of a run.

    Returns:
        Number of ``examples``, shares of ``labels`` and of ``lengths``, counts of the most frequent
        ``tokens``, and the number of ``all_tokens``.
    """
    table = pq.read_table(examples, columns=["text", "label", "split"])
    table = table.filter(pc.is_in(table["split"], pa.array(SPLITS)))
    labels = table["label"].to_numpy()
    names = [str(truth) for truth in target.truths(labels)]
    bins = np.searchsorted(LENGTHS, pc.utf8_length(table["text"]).to_numpy(), side="left")
    bounds = ["0", *map(str, LENGTHS), ""]
    lengths = [f"{low}–{high}" for low, high in itertools.pairwise(bounds)]
    counts: Counter[str] = Counter()
    for own in tokens_of(examples, tokens, *SPLITS):
        counts.update(own)
    return {
        "examples": len(labels),
        "labels": _shares(Counter(names)),
        "lengths": _shares(Counter(lengths[one] for one in bins)),
        "tokens": dict(counts.most_common(MOST_TOKENS)),
        "all_tokens": counts.total(),
    }


def drift(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the profiles of two sets of reviews.

    Args:
        now: Profile of the current run.
        before: Profile of the champion's run.

    Returns:
        The population stability index of ``labels`` and ``lengths``, the Jensen-Shannon
        divergence of the ``tokens`` (0 to 1, in bits), the share of ``new_tokens``, the tokens
        whose share ``rose`` and ``fell`` most, the number of ``examples`` and ``is_drift``,
        whether a threshold is exceeded.
    """
    index = {name: stability_index(now[name], before[name]) for name in ("labels", "lengths")}
    here, there = (
        {token: count / one["all_tokens"] for token, count in one["tokens"].items()}
        for one in (now, before)
    )
    new = sum(share for token, share in here.items() if token not in there)
    changes = {
        token: here.get(token, 0.0) - there.get(token, 0.0)
        for token in here.keys() | there.keys()
        if is_word(token)
    }
    ranked = sorted(changes, key=lambda token: (-changes[token], token))
    return {
        **index,
        "tokens": divergence(here, there),
        "new_tokens": new,
        "rose": [token for token in ranked[:SHOWN_TOKENS] if changes[token] > 0],
        "fell": [token for token in ranked[::-1][:SHOWN_TOKENS] if changes[token] < 0],
        "examples": {"now": now["examples"], "before": before["examples"]},
        "is_drift": max(index.values()) >= DRIFTED or new >= NEW_WORDS,
    }


def stability_index(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Population stability index of two distributions; 0 if they are equal.

    The sum of (p - q) ln(p / q), which is the symmetric Kullback-Leibler divergence.
    """
    keys = sorted(now.keys() | before.keys())
    p, q = (
        np.array([max(one.get(key, 0.0), LEAST_SHARE) for key in keys]) for one in (now, before)
    )
    return float(np.sum((p - q) * np.log(p / q)))


def divergence(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Jensen-Shannon divergence in bits; the remaining mass of each table counts as one token."""
    keys = sorted(now.keys() | before.keys())
    p, q = (
        np.array([*(one.get(key, 0.0) for key in keys), max(0.0, 1 - sum(one.values()))])
        for one in (now, before)
    )
    middle = (p + q) / 2

    def entropy_to(one: np.ndarray) -> float:
        there = one > 0
        return float(np.sum(one[there] * np.log2(one[there] / middle[there])))

    return (entropy_to(p) + entropy_to(q)) / 2


def _shares(counts: Counter[str]) -> dict[str, float]:
    return {name: counts[name] / counts.total() for name in sorted(counts)}
