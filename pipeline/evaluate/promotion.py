"""Whether a new model may take the champion's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.arrays import Labels
from pipeline.evaluate.scores import INTERVAL, compare
from pipeline.settings import GateSettings
from pipeline.target.kinds import Predicted, Target

RESAMPLINGS = 1_000


@dataclass(frozen=True)
class Decision:
    """What becomes of a model, and why.

    Attributes:
        promoted: It becomes the champion.
        reason: In a sentence.
    """

    promoted: bool
    reason: str


def gain(
    labels: Labels, predicted: Predicted, champion: Predicted, target: Target
) -> dict[str, Any]:
    """By how much a model's metric is better than the champion's on the same examples.

    Returns:
        The ``value``, its 95 % bootstrap ``interval`` and, for classes, McNemar's ``p_value``.
    """
    new, old = target.each(labels, predicted), target.each(labels, champion)
    gains = target.better * (new - old)
    random = np.random.default_rng(1)
    means = [gains[random.integers(0, len(gains), len(gains))].mean() for _ in range(RESAMPLINGS)]
    interval = [float(bound) for bound in np.percentile(means, INTERVAL)]
    found: dict[str, Any] = {"value": float(gains.mean()), "interval": interval}
    if target.metric == "accuracy":
        found["p_value"] = compare(new, old)["p_value"]
    return found


def decide(
    gained: dict[str, Any] | None, passed: float, settings: GateSettings, target: Target
) -> Decision:
    """Let a model pass that understands enough and is not worse than the champion.

    Worse means that the whole 95 % bootstrap interval of the difference lies below 0.

    Args:
        gained: From :func:`gain`; None: there is no champion that could be compared.
        passed: Share of the behaviour tests that the new model passes.
        settings: The least share.
        target: What is predicted.
    """
    if passed < settings.behaviour_floor:
        return Decision(
            promoted=False,
            reason=f"it passes {passed:.0%} of the behaviour tests, "
            f"gate.behaviour_floor asks for {settings.behaviour_floor:.0%}",
        )
    if gained is None:
        return Decision(promoted=True, reason="there is no champion to compare it with")
    scale, unit = (100, "points") if target.metric == "accuracy" else (1, "of a rating point")
    value, low, high = (scale * one for one in (gained["value"], *gained["interval"]))
    difference = f"{value:+.2f} {unit} ({low:+.2f} to {high:+.2f})"
    if high < 0:
        return Decision(promoted=False, reason=f"it is worse than the champion: {difference}")
    return Decision(promoted=True, reason=f"it is not worse than the champion: {difference}")
