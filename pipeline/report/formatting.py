"""Formats a report's metrics: shares as percentages, ratings on the source's scale."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.evaluate.records import Assessment, Figure
from pipeline.report.phrases import Phrases

FIGURES = (
    *("macro_f1", "accuracy", "balanced_accuracy", "roc_auc", "average_precision"),
    *("expected_calibration_error",),
    *("mean_absolute_error", "root_mean_squared_error", "r2", "spearman"),
)
"""Metrics of the first table, in order."""

OF_CLASSES = ("precision", "recall", "f1")
"""Metrics per class."""


def whole_percent(share: float) -> str:
    """A share in whole percent; shows 0 or 100 only if the share is exactly that."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def signed(value: float, digits: int) -> str:
    """A difference with its sign; without a sign if it rounds to 0."""
    shown = f"{value:+.{digits}f}"
    return shown.replace("-", "−") if float(shown) else shown[1:]


def as_setting(value: object) -> str:
    """A setting's value as it is given on the command line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Wording:
    """How metrics are formatted.

    Attributes:
        section: Template with the metric-specific part of the report.
        factor: Multiplier of the raw value.
        digits: Decimal places.
        unit: Suffix of a formatted value.
        gap: Key of the phrase that adds the unit of a difference.
    """

    section: str
    factor: int
    digits: int
    unit: str
    gap: str

    def number(self, value: float) -> str:
        """The formatted value without its unit."""
        return f"{value * self.factor:.{self.digits}f}"

    def figure(self, value: float) -> str:
        """The formatted value with its unit."""
        return self.number(value) + self.unit

    def between(self, interval: list[float], say: Phrases) -> str:
        """The interval of a difference with its unit."""
        low, high = (signed(bound * self.factor, self.digits) for bound in interval)
        return say(self.gap, value=say("range", low=low, high=high))


SHARES = Wording("classes.html.j2", factor=100, digits=1, unit="%", gap="points")
RATINGS = Wording("score.html.j2", factor=1, digits=3, unit="", gap="rating_points")
WORDINGS = {"binary": SHARES, "three": SHARES, "score": RATINGS}
"""Formats by target kind."""

VOID = ("one_class", "few_examples")
"""Cautions that make all metrics meaningless; they replace the verdict."""


def verdict(
    metrics: Assessment,
    wording: Wording,
    say: Phrases,
    drift: dict[str, Any] | None = None,
    champion: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Verdict on the network: its kind, a sentence, cautions, comparison with the champion.

    It is void if the test split cannot show how good the network is.
    """
    texts = []
    for one in metrics["cautions"]:
        if one["kind"] == "worse_than_baseline":
            continue
        values: dict[str, Any] = {name: value for name, value in one.items() if name != "kind"}
        if "name" in one:
            values["name"] = say.name("class", one["name"])
        texts.append(say(f"caution_{one['kind']}", **values))
    if drift and drift["is_drift"]:
        texts.append(say("caution_drift"))
    if any(one["kind"] in VOID for one in metrics["cautions"]):
        return {"kind": "worse", "text": texts[0], "cautions": texts[1:], "champion": "",
                "is_void": True}  # fmt: skip
    kind, points = _difference(metrics["difference"], wording, say)
    found: dict[str, Any] = {"kind": kind, "text": say(f"verdict_{kind}", points=points)}
    found |= {"cautions": texts, "is_void": False}
    return found | {"champion": _against_champion(champion, wording, say) if champion else ""}


def _against_champion(champion: Mapping[str, Any], wording: Wording, say: Phrases) -> str:
    kind, points = _difference(champion, wording, say)
    return say(
        f"champion_{kind}",
        points=points,
        number=champion["number"],
        difference=wording.between(champion["interval"], say),
    )


def _difference(
    difference: Mapping[str, Any] | Figure, wording: Wording, say: Phrases
) -> tuple[str, str]:
    """Whether the interval says better, worse or even, and the size of the difference."""
    low, high = difference["interval"]
    points = say(wording.gap, value=wording.number(abs(difference["value"])))
    return "better" if low > 0 else "worse" if high < 0 else "even", points
