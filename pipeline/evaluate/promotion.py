"""The promotion gate: whether a new model replaces the champion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.evaluate.records import Figure
from pipeline.evaluate.resampling import Resampling
from pipeline.settings import GateSettings
from pipeline.target.base import Predicted, Target

RESAMPLINGS = 1_000
UNITS = {
    "macro_f1": (100, "percentage points of macro-F1"),
    "mean_absolute_error": (1, "rating points"),
}
"""Factor and unit of a difference in each metric."""


@dataclass(frozen=True)
class Decision:
    """Whether a model is promoted, and why.

    Attributes:
        promoted: Whether it becomes the champion.
        reason: The reason, phrased as a clause.
    """

    promoted: bool
    reason: str


Model = tuple[Target, Predicted]
"""A model's target, with its decision rule, and its predictions."""


def gain(
    labels: Labels, model: Model, champion: Model, resampling: Resampling | None = None
) -> Figure:
    """Improvement of a model's metric over the champion's on the same examples.

    Args:
        labels: Labels of the examples.
        model: The new model.
        champion: The champion.
        resampling: How examples are drawn; None draws them one by one.

    Returns:
        The ``value`` and its 95% ``interval`` over bootstrap samples; both models are measured on
        the same samples.
    """
    new, old = (target.measure(labels, predicted) for target, predicted in (model, champion))
    random, count, better = np.random.default_rng(1), len(labels), model[0].better
    own = resampling or Resampling.of_split(count)

    def gained(weights: Floats) -> float:
        return better * (new(weights) - old(weights))

    draws = [gained(own.draw(random)) for _ in range(RESAMPLINGS)]
    value = gained(np.ones(count))
    return {"value": value, "interval": own.interval(value, draws)}


def decide(
    gained: Figure | None, passed: float, settings: GateSettings, target: Target, note: str = ""
) -> Decision:
    """Promote a model that passes enough behavioural tests and is not worse than the champion.

    Worse means that the 95% bootstrap interval of the difference lies entirely below 0. If there is
    a champion, but no fair comparison with it, it stays.

    Args:
        gained: Result of :func:`gain`; None without a comparison.
        passed: Share of behavioural tests that the new model passes.
        settings: The minimum share of passed tests.
        target: The prediction target.
        note: With a result, the reviews that were compared, if not all; without one, why there is
            no fair comparison, empty if there is no champion to compare with.
    """
    if passed < settings.behaviour_floor:
        return Decision(
            promoted=False,
            reason=f"it passes {passed:.0%} of the behavioural tests, but "
            f"gate.behaviour_floor requires {settings.behaviour_floor:.0%}",
        )
    if gained is None and note:
        return Decision(
            promoted=False,
            reason=f"it cannot be compared with the champion: {note}",
        )
    if gained is None:
        return Decision(promoted=True, reason="there is no champion to compare it with")
    scale, unit = UNITS[target.metric]
    value, low, high = (scale * one for one in (gained["value"], *gained["interval"]))
    difference = f"{value:+.2f} {unit} (95% confidence interval {low:+.2f} to {high:+.2f})"
    difference += f" on {note}" if note else ""
    if high < 0:
        return Decision(promoted=False, reason=f"it is worse than the champion: {difference}")
    return Decision(promoted=True, reason=f"it is not worse than the champion: {difference}")
