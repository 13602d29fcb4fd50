"""Promote: decides whether a model becomes the champion, which ``predict`` uses."""

from __future__ import annotations

import json
import logging

from pipeline.evaluate.promotion import Decision, decide
from pipeline.model.registry import FIRST, Registry, Version
from pipeline.report.models import summary
from pipeline.settings import GateSettings
from pipeline.stages.evaluate import Evaluation
from pipeline.stages.gain import compare_with
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

logger = logging.getLogger("pipeline.gate")


def promote(
    runner: Runner, evaluation: Evaluation, report: Manifest, settings: GateSettings
) -> tuple[Version, Decision]:
    """Register a model with its figures, and make it the champion if it passes the gate."""
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
    if version.status == "champion":
        if version.rival is None and passed < settings.behaviour_floor:
            reason = f"{FIRST}, although it passes only {passed:.0%} of the behaviour tests"
            version = registry.add(model, reason=reason)
        decision = Decision(promoted=True, reason=version.reason)
    else:
        examples, memo = evaluation.prepared.examples, runner.workspace.memo_folder
        champion, known = registry.champion_model(), registry.champion
        recorded = registry.metrics_of(known) if known else None
        compared = runner.run(
            compare_with, examples, champion, recorded, evaluation.predictions, memo=memo
        )
        gained = json.loads(compared.path(names.GAIN).read_bytes())
        decision = decide(gained, passed, settings, target)
        if decision.promoted:
            version = registry.promote(version.number, decision.reason)
        else:
            version = registry.add(model, status="candidate", reason=decision.reason)
    logger.info("%s", summary(metrics, target))
    logger.info("model %d is the %s: %s", version.number, version.status, decision.reason)
    return version, decision
