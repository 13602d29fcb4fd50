"""Whether a new model may take the champion's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.dataset import Labels
from pipeline.evaluate import INTERVAL, compare
from pipeline.settings import GateSettings
from pipeline.target import Predicted, Target

RESAMPLINGS = 1_000


@dataclass(frozen=True)
class Decision:
    """What becomes of a model, and why.

    Attributes:
        promoted: It becomes the champion.
        reason: In a sentence.
        against_champion: By how much its metric is better than the champion's on the same test
            examples, with the 95 % ``interval`` and, for classes, McNemar's ``p_value``; None
            where there is nothing to compare with.
    """

    promoted: bool
    reason: str
    against_champion: dict[str, Any] | None = None


def decide(
    labels: Labels,
    predicted: Predicted,
    champion: Predicted | None,
    passed: float,
    settings: GateSettings,
    target: Target,
) -> Decision:
    """Let a model pass that understands enough and is not worse than the champion.

    Worse means that the whole 95 % bootstrap interval of the difference lies below 0.

    Args:
        labels: Of the test examples.
        predicted: By the new model.
        champion: By the champion, of the same examples; None: none that could be compared.
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
    if champion is None:
        return Decision(promoted=True, reason="there is no champion to compare it with")
    new, old = target.each(labels, predicted), target.each(labels, champion)
    gain = target.better * (new - old)
    random = np.random.default_rng(1)
    means = [gain[random.integers(0, len(gain), len(gain))].mean() for _ in range(RESAMPLINGS)]
    low, high = (float(bound) for bound in np.percentile(means, INTERVAL))
    against: dict[str, Any] = {"value": float(gain.mean()), "interval": [low, high]}
    if target.metric == "accuracy":
        against["p_value"] = compare(new, old)["p_value"]
    scale = 100 if target.metric == "accuracy" else 1
    unit = "points" if scale == 100 else "of a rating point"
    difference = f"{scale * gain.mean():+.2f} {unit} ({scale * low:+.2f} to {scale * high:+.2f})"
    if high < 0:
        return Decision(False, f"it is worse than the champion: {difference}", against)
    return Decision(True, f"it is not worse than the champion: {difference}", against)
