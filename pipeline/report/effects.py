"""Predictions and effects on them, in the unit of the target: probabilities, odds or ratings."""

from __future__ import annotations

import math

import numpy as np

from pipeline.explain.records import DriverRecord
from pipeline.report.phrases import Phrases
from pipeline.target.base import EVEN, Target
from pipeline.target.binary import Binary
from pipeline.target.score import Score


def positivity(value: float, target: Target) -> str:
    """The positivity of a prediction: a probability, or the rating."""
    return f"{target.ratings(value):.1f}" if isinstance(target, Score) else f"{value:.1%}"


def positivity_heading(target: Target, say: Phrases) -> str:
    """Heading of a column of such predictions; says from where on they are positive, if fixed."""
    name = say("found_rating") if isinstance(target, Score) else say("found_positive")
    if not isinstance(target, Binary | Score):
        return name
    threshold = target.threshold if isinstance(target, Binary) else EVEN
    rule = say("positive_from", threshold=positivity(threshold, target))
    return f"{name} ({rule})"


def driver_effect(driver: DriverRecord, target: Target, say: Phrases) -> str:
    """How a driver changes predictions: the odds, or a rating in the middle of the scale.

    Args:
        driver: Its effect and interval are changes of the logit.
        target: The target of the model.
        say: Texts in the language of the page.
    """
    way = "up" if driver["effect"] > 0 else "down"
    if isinstance(target, Score):
        logits = np.array([0.0, driver["effect"], *driver["interval"]])
        middle, rating, *ends = map(float, target.ratings(target.link.probabilities(logits)))
        values = {"middle": middle, "rating": rating, "low": min(ends), "high": max(ends)}
        return say(f"rating_driver_{way}", **values, share=driver["share"])
    sign = 1 if way == "up" else -1
    odds, *ends = (math.exp(sign * one) for one in (driver["effect"], *driver["interval"]))
    values = {"odds": odds, "low": min(ends), "high": max(ends)}
    return say(f"odds_{way}", of=say(f"odds_{target.kind}"), **values, share=driver["share"])
