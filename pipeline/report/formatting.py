"""How the figures of a report are put: shares in percent, or ratings on the source's scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.report.phrases import Phrases

FIGURES = (
    *("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision"),
    *("expected_calibration_error",),
    *("mean_absolute_error", "root_mean_squared_error", "r2", "spearman"),
)
"""Those that the first table of a report has, in its order."""

OF_CLASSES = ("precision", "recall", "f1")
"""The figures of each class."""


@dataclass(frozen=True)
class Wording:
    """How figures are put.

    Attributes:
        section: Template of what only reports with such figures hold.
        factor: What a figure is multiplied by.
        digits: How many stand after the point.
        unit: What stands after a figure.
        gap: Key of the phrase for what a difference of two figures is counted in.
    """

    section: str
    factor: int
    digits: int
    unit: str
    gap: str

    def number(self, value: float) -> str:
        """A figure, without its unit."""
        return f"{value * self.factor:.{self.digits}f}"

    def figure(self, value: float) -> str:
        """A figure."""
        return self.number(value) + self.unit

    def between(self, interval: list[float], say: Phrases) -> str:
        """The bounds of a difference."""
        low, high = (f"{bound * self.factor:+.{self.digits}f}" for bound in interval)
        return say("range", low=low, high=high)


SHARES = Wording("classes.html.j2", factor=100, digits=1, unit=" %", gap="points")
RATINGS = Wording("score.html.j2", factor=1, digits=3, unit="", gap="rating_points")
WORDINGS = {"binary": SHARES, "three": SHARES, "score": RATINGS}
"""By the kind of target."""

VOID = ("one_class", "few_examples")
"""Cautions that make every figure worthless."""


def verdict(
    metrics: dict[str, Any],
    wording: Wording,
    say: Phrases,
    drift: dict[str, Any] | None = None,
    champion: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What is to be thought of the network, in a word, a sentence, and what speaks against it."""
    texts = []
    for one in metrics["cautions"]:
        if one["kind"] == "worse_than_baseline":
            continue
        values = {name: value for name, value in one.items() if name != "kind"}
        if "name" in values:
            values["name"] = say.name("class", values["name"])
        texts.append(say(f"caution_{one['kind']}", **values))
    if drift and drift["is_drift"]:
        texts.append(say("caution_drift"))
    if any(one["kind"] in VOID for one in metrics["cautions"]):
        return {"kind": "worse", "text": texts[0], "cautions": texts[1:], "champion": ""}
    kind, points = _difference(metrics["difference"], wording, say)
    found = {"kind": kind, "text": say(f"verdict_{kind}", points=points), "cautions": texts}
    return found | {"champion": _against_champion(champion, wording, say) if champion else ""}


def _against_champion(champion: dict[str, Any], wording: Wording, say: Phrases) -> str:
    kind, points = _difference(champion, wording, say)
    return say(
        f"champion_{kind}",
        points=points,
        number=champion["number"],
        difference=wording.between(champion["interval"], say),
        gap=say(wording.gap),
    )


def _difference(difference: dict[str, Any], wording: Wording, say: Phrases) -> tuple[str, str]:
    """Whether it is better, worse or even, by its interval, and by how many points."""
    low, high = difference["interval"]
    points = f"{wording.number(abs(difference['value']))} {say(wording.gap)}"
    return "better" if low > 0 else "worse" if high < 0 else "even", points
