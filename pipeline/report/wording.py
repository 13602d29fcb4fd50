"""How the figures of a report are put: shares in percent, or ratings on the source's scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FIGURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "F1, mean of the classes",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "expected_calibration_error": "Calibration error",
    "mean_absolute_error": "Mean absolute error",
    "root_mean_squared_error": "Root mean squared error",
    "r2": "R²",
    "spearman": "Rank correlation (Spearman)",
}
"""Names of the figures that the first table of a report has, for people to read."""

OF_CLASSES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
"""Names of the figures of each class."""

EXPECTED = {
    "positive": "positive",
    "negative": "negative",
    "rises": "no less positive",
    "falls": "no less negative",
    "same": "as positive as before",
}
"""What a behaviour test expects, for people to read."""


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

CAUTIONS = {
    "one_class": "All test reviews are {name}: no figure here says whether the model can tell "
    "them from others. Bring reviews of the other kind.",
    "few_examples": "{examples} test reviews are too few to trust any of these figures.",
    "leak": "{seen:,} test reviews ({share:.1%}) are in the training reviews too, the same or "
    "nearly the same: the figures flatter the model.",
    "no_better_than_one_answer": "Who always gives the most frequent answer is right in "
    "{share:.1%} of the test reviews, and the network cannot be told from that.",
    "no_better_than_the_mean": "Who always says the mean rating is wrong by no more than the "
    "network.",
    "miscalibrated": "The network's probabilities are {error:.1%} off the truth in the mean: read "
    "them as a ranking, not as chances.",
}
"""What speaks against trusting the figures; see :func:`pipeline.evaluate.cautions`."""


def verdict(metrics: dict[str, Any], wording: Wording = SHARES) -> dict[str, Any]:
    """What is to be thought of the network, in a word, a sentence, and what speaks against it."""
    found = {one["kind"]: one for one in metrics["cautions"]}
    texts = [CAUTIONS[kind].format(**one) for kind, one in found.items() if kind in CAUTIONS]
    if void := {"one_class", "few_examples"} & found.keys():
        return {"kind": "worse", "text": texts[0], "cautions": texts[1:] if void else texts}
    return {**_against_baseline(metrics["difference"], wording), "cautions": texts}


def _against_baseline(difference: dict[str, Any], wording: Wording) -> dict[str, str]:
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
