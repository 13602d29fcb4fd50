"""Promote: decides whether a model becomes the champion, which ``predict`` uses."""

from __future__ import annotations

import json
import logging

from pipeline.evaluate.promotion import Decision, decide
from pipeline.evaluate.records import Figure
from pipeline.model.registry import FIRST, Registry, Version
from pipeline.report.models import summary
from pipeline.settings import GateSettings
from pipeline.stages.evaluate import Evaluation
from pipeline.stages.gain import compare_with
from pipeline.stages.record import keep_record, record_of
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

logger = logging.getLogger("pipeline.gate")


def promote(
    runner: Runner, evaluation: Evaluation, report: Manifest, settings: GateSettings
) -> tuple[Version, Decision]:
    """Register a model with its figures, and make it the champion if it passes the gate.

    The gate decides once on each model: a run that finds its model registered does not change what
    the gate or a promotion by hand decided.
    """
    registry, model = Registry(runner.workspace), evaluation.trained.model
    target = evaluation.predictions.targets["network"]
    metrics, behaviour = evaluation.read_metrics(), evaluation.read_behaviour()
    passed = behaviour["passed"] / behaviour["total"]
    version = registry.add(
        model,
        report=runner.workspace.relative(report.folder),
        metrics=runner.workspace.relative(evaluation.metrics.folder),
        profile=runner.workspace.relative(evaluation.profile.folder),
        metric=target.metric,
        rule=target.rule,
        passed=passed,
        **{
            name: metrics[name]["figures"][target.metric]["value"]
            for name in ("network", "baseline")
        },
    )
    keep_record(runner.workspace, model, evaluation.prepared.examples, evaluation.metrics)
    if version.status == "champion":
        if version.reason == FIRST and passed < settings.behaviour_floor:
            reason = f"{FIRST}, although it passes only {passed:.0%} of the behaviour tests"
            version = registry.add(model, reason=reason)
        decision = Decision(promoted=True, reason=version.reason)
    elif version.reason:
        decision = Decision(promoted=False, reason=f"{version.reason} (decided before)")
    else:
        gained, note = _compare(runner, registry, evaluation)
        decision = decide(gained, passed, settings, target, note)
        if decision.promoted:
            version = registry.promote(version.number, decision.reason)
        else:
            version = registry.add(model, status="candidate", reason=decision.reason)
    logger.info("%s", summary(metrics, target))
    logger.info("model %d is the %s: %s", version.number, version.status, decision.reason)
    if version.status != "champion":
        advice = "to use model %d nevertheless, run `review-sentiment models promote %d`"
        logger.info(advice, version.number, version.number)
    return version, decision


def _compare(
    runner: Runner, registry: Registry, evaluation: Evaluation
) -> tuple[Figure | None, str]:
    """Compare with the champion; see :func:`pipeline.stages.gain.compare_with`."""
    version = registry.champion
    champion = registry.model_of(version) if version else None
    if version is None or champion is None:
        return None, ""
    record = record_of(runner.workspace, version, champion)
    examples, memo = evaluation.prepared.examples, runner.workspace.memo_folder
    compared = runner.run(
        compare_with, examples, champion, record, evaluation.predictions, memo=memo
    )
    return json.loads(compared.path(names.GAIN).read_bytes()), compared.details["note"]
