"""Behavioural tests of a model: negation, intensity, spelling and more.

They follow Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList"
(2020): a case expects a label, a direction of change, or no change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.arrays import Floats
from pipeline.evaluate.behaviour_cases import CASES, Case

BEHAVIOUR_VERSION = 1
TOLERANCE = 0.1
"""Tolerated change of the probability, as in CheckList."""


def run(positive: Callable[[Sequence[str]], Floats]) -> dict[str, Any]:
    """Run all cases on a model.

    Args:
        positive: Maps texts to their probability of being positive; for other targets, to an
            equivalent score from 0 to 1.

    Returns:
        The number of ``passed`` cases, the ``total``, and both for each of the ``kinds`` with its
        ``failures``: the ``text``, the ``changed`` text, the ``expected`` outcome and the
        probabilities ``before`` and ``after`` the change (None without a change).
    """
    texts = [text for case in CASES for text in (case.text, case.changed) if text]
    probability = dict(zip(texts, map(float, positive(texts)), strict=True))
    kinds: dict[str, dict[str, Any]] = {}
    for case in CASES:
        before, after = probability[case.text], probability.get(case.changed)
        kind = kinds.setdefault(case.kind, {"passed": 0, "total": 0, "failures": []})
        kind["total"] += 1
        if holds(case, before, after):
            kind["passed"] += 1
        else:
            kind["failures"].append(
                {
                    "text": case.text,
                    "changed": case.changed,
                    "expected": case.expected,
                    "before": before,
                    "after": after,
                }
            )
    return {
        "passed": sum(kind["passed"] for kind in kinds.values()),
        "total": len(CASES),
        "kinds": kinds,
    }


def holds(case: Case, before: float, after: float | None) -> bool:
    """Whether the probabilities of the text and the changed text meet the expectation."""
    if after is None:
        return (before >= 0.5) == (case.expected == "positive")
    gain = after - before
    if case.expected == "rises":
        return gain >= -TOLERANCE
    if case.expected == "falls":
        return gain <= TOLERANCE
    return abs(gain) <= TOLERANCE
