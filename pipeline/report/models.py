"""Sentences on network and baseline: decision rules, complaints found, choice of the baseline."""

from __future__ import annotations

from typing import Any

from pipeline.evaluate.records import Metrics, ModelMetrics, Scores
from pipeline.report.formatting import WORDINGS
from pipeline.report.phrases import Phrases
from pipeline.target.base import Target


def complaints(scores: Scores, say: Phrases) -> str:
    """How many negative test reviews both models find; empty if there are none."""
    if "confusion" not in scores["network"] or not sum(scores["network"]["confusion"][0]):
        return ""
    network, baseline = (_found(one, say) for one in (scores["network"], scores["baseline"]))
    return say("both_find", network=network, baseline=baseline)


def headline(metrics: Metrics, target: Target, say: Phrases) -> str:
    """The network's test result in one sentence."""
    own, wording = metrics["network"], WORDINGS[target.kind]
    figure = own["figures"][target.metric]
    low, high = (wording.figure(bound) for bound in figure["interval"])
    values: dict[str, Any] = {"figure": wording.figure(figure["value"]), "low": low, "high": high}
    values |= {"examples": metrics["examples"], "folds": metrics["folds"]}
    counts = own.get("confusion", [[0]])
    if sum(counts[0]):
        found, of, alarms = _counts(counts)
        key = "trust_complaints_folds" if metrics["folds"] else "trust_complaints"
        return say(key, found=found, of=of, alarms=alarms, **values)
    name = say(f"figure_{target.metric}")
    key = "trust_figure_folds" if metrics["folds"] else "trust_figure"
    return say(key, name=name, **values)


def decision(metrics: Metrics, target: Target, setting: str | float, say: Phrases) -> str:
    """How both models decide on a class; empty without classes."""
    models = metrics["targets"]
    chosen = say(f"chosen_{setting}" if isinstance(setting, str) else "chosen_number")
    if target.kind == "binary":
        of_each = {name: f"{one['threshold']:.1%}" for name, one in models.items()}
        return say("threshold", **of_each, chosen=chosen)
    if target.kind == "three":
        of_each = {
            name: " : ".join(f"{weight:.2f}" for weight in one["decision_weights"])
            for name, one in models.items()
        }
        classes = " : ".join(say.name("class", name) for name in target.names)
        return say("decision_weights", **of_each, classes=classes, chosen=chosen)
    return ""


def baseline_figure(metrics: Metrics, target: Target, say: Phrases) -> str:
    """The baseline's primary metric, and whether it has class weights."""
    value = metrics["baseline"]["figures"][target.metric]["value"]
    figure = WORDINGS[target.kind].figure(value)
    if len(target.names) > 1 and metrics["chosen_baseline"]["class_weights"]:
        return say("balanced_weights", figure=figure)
    return figure


def baseline_choice(metrics: Metrics, target: Target, say: Phrases) -> str:
    """Which of the two baselines was chosen; empty if there was no choice."""
    chosen, wording = metrics["chosen_baseline"], WORDINGS[target.kind]
    if len(chosen["validation"]) == 1:
        return ""
    figures = {name: wording.figure(value) for name, value in chosen["validation"].items()}
    name = chosen["class_weights"] or "plain"
    return say(f"baseline_{name}", **figures)


def summary(metrics: Metrics, target: Target) -> str:
    """One line for the log: the primary metric of both models and the complaints they find."""
    say = Phrases("en")
    network = WORDINGS[target.kind].figure(metrics["network"]["figures"][target.metric]["value"])
    baseline = baseline_figure(metrics, target, say)
    line = f"{say(f'figure_{target.metric}')}: network {network}, baseline {baseline}"
    found = complaints(metrics, say).removesuffix(".")
    return f"{line}; {found[:1].lower()}{found[1:]}" if found else line


def _found(model: ModelMetrics, say: Phrases) -> str:
    found, of, alarms = _counts(model["confusion"])
    if not found + alarms:
        return say("complaints_none", of=of)
    return say("complaints_found", found=found, of=of, alarms=alarms)


def _counts(confusion: list[list[int]]) -> tuple[int, int, int]:
    """Complaints found, all complaints, and other reviews called complaints."""
    found = confusion[0][0]
    return found, sum(confusion[0]), sum(row[0] for row in confusion) - found
