"""How the figures of a report are put: shares in percent, or ratings on the source's scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FIGURES = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "macro_precision": "Precision",
    "macro_recall": "Recall",
    "macro_f1": "F1",
    "macro_roc_auc": "ROC AUC",
    "mean_absolute_error": "Mean absolute error",
    "root_mean_squared_error": "Root mean squared error",
    "r2": "R²",
    "spearman": "Rank correlation (Spearman)",
}
"""Names of figures for people to read."""


@dataclass(frozen=True)
class Wording:
    """How figures are put.

    Attributes:
        section: Template of what only reports with such figures hold.
        factor: What a figure is multiplied by.
        digits: How many stand after the point.
        unit: What stands after a figure.
        gap: What a difference of two figures is counted in.
    """

    section: str
    factor: int
    digits: int
    unit: str
    gap: str

    def number(self, value: float) -> str:
        """A figure, without its unit."""
        return f"{value * self.factor:.{self.digits}f}"

    def between(self, interval: list[float]) -> str:
        """The bounds of a difference."""
        low, high = (f"{bound * self.factor:+.{self.digits}f}" for bound in interval)
        return f"{low} to {high}"


SHARES = Wording("classes.html.j2", factor=100, digits=1, unit=" %", gap="points")
RATINGS = Wording("score.html.j2", factor=1, digits=3, unit="", gap="of a rating point")
WORDINGS = {"binary": SHARES, "three": SHARES, "score": RATINGS}
"""By the kind of target."""


def verdict(difference: dict[str, Any], wording: Wording = SHARES) -> dict[str, str]:
    """What the comparison with the baseline says, in a word and in a sentence."""
    low, high = difference["interval"]
    points = f"{wording.number(abs(difference['value']))} {wording.gap}"
    if low > 0:
        return {"kind": "better", "text": f"The network is {points} better than the baseline."}
    if high < 0:
        return {
            "kind": "worse",
            "text": f"The network is {points} worse than the baseline: "
            "on these reviews the simpler model is the better choice.",
        }
    return {
        "kind": "even",
        "text": f"The network and the baseline differ by {points}, "
        "which these test reviews are too few to tell from chance.",
    }
