"""Behaviour tests of a model: what it makes of negation, intensity, spelling and the like.

In the manner of Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with
CheckList" (2020): some cases ask for a label, some for a direction, some for no change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.arrays import Floats
from pipeline.evaluate.behaviour_cases import CASES, Case

VERSION = 1
TOLERANCE = 0.1
"""By how much the probability may move where it should not, as in CheckList."""


def run(positive: Callable[[Sequence[str]], Floats]) -> dict[str, Any]:
    """Test a model on all cases at once.

    Args:
        positive: From texts to how probable it is that each is positive; where the model's
            target is another one, a number from 0 to 1 that stands for that.

    Returns:
        How many cases were ``passed`` of the ``total``, and the same of each of the ``kinds``,
        with its ``failures``: the ``text``, what it was ``changed`` to, what was ``expected``,
        and the probabilities ``before`` and ``after``, the latter None without a change.
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
    """Whether a case's expectation is met by the probabilities of its text and its change."""
    if after is None:
        return (before >= 0.5) == (case.expected == "positive")
    gain = after - before
    if case.expected == "rises":
        return gain >= -TOLERANCE
    if case.expected == "falls":
        return gain <= TOLERANCE
    return abs(gain) <= TOLERANCE
