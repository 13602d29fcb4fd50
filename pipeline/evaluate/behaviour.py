"""Behavioural tests of a model: negation, intensity, spelling and more.

They follow Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList"
(2020): a case expects a label, a direction of change, or no change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.evaluate.behaviour_cases import CASES, Case
from pipeline.target.base import Predicted, Target
from pipeline.target.binary import BINARY

BEHAVIOUR_VERSION = 2
TOLERANCE = 0.1
"""Tolerated change of the positivity, as in CheckList."""


def run(predict: Callable[[Sequence[str]], Predicted], target: Target = BINARY) -> dict[str, Any]:
    """Run all cases on a model.

    Args:
        predict: Maps texts to predictions.
        target: The prediction target, whose rule decides which predictions are positive.

    Returns:
        The number of ``passed`` cases, the ``total``, and both for each of the ``kinds`` with its
        ``failures``: the ``text``, the ``changed`` text, the ``expected`` outcome and the
        positivity ``before`` and ``after`` the change (None without a change).
    """
    texts = [text for case in CASES for text in (case.text, case.changed) if text]
    predicted = predict(texts)
    positivity = dict(zip(texts, map(float, target.positive(predicted)), strict=True))
    is_positive = dict(zip(texts, map(bool, target.is_positive(predicted)), strict=True))
    kinds: dict[str, dict[str, Any]] = {}
    for case in CASES:
        before, after = positivity[case.text], positivity.get(case.changed)
        kind = kinds.setdefault(case.kind, {"passed": 0, "total": 0, "failures": []})
        kind["total"] += 1
        if holds(case, is_positive[case.text], before, after):
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


def holds(case: Case, is_positive: bool, before: float, after: float | None) -> bool:
    """Whether the prediction, or its change for the changed text, meets the expectation."""
    if after is None:
        return is_positive == (case.expected == "positive")
    gain = after - before
    if case.expected == "rises":
        return gain >= -TOLERANCE
    if case.expected == "falls":
        return gain <= TOLERANCE
    return abs(gain) <= TOLERANCE
