"""The gate: whether a model becomes the one that ``predict`` uses."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.stage import Output, stage
from flows.train import Trained
from pipeline.evaluate.promotion import Decision, decide, gain
from pipeline.model.registry import FIRST, Registry, Version
from pipeline.predict.predictor import Predictor
from pipeline.prepare.examples import TARGET, read_examples
from pipeline.settings import GateSettings
from pipeline.stages.predictions import read_predictions
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import read_target

logger = logging.getLogger("pipeline.gate")

GAIN = "gain.json"


@stage("gain", version=1)
def compare_with(
    folder: Path, labelled: Manifest, champion: Manifest, *predicted: Manifest
) -> Output:
    """Let a champion predict the test split too; null where it predicts something else."""
    predictor = Predictor(champion, folder.parent.parent / Workspace.MEMO)
    target, gained = read_target(labelled.path(TARGET)), None
    if predictor.target == target:
        texts, labels = read_examples(labelled.path("examples.parquet"), "test")
        network = read_predictions(*predicted)["network"]
        gained = gain(labels, network, predictor.predict(texts), target)
    write_json(folder / GAIN, gained)
    return Output([GAIN], 1, {})


@task(task_run_name="gate", cache_policy=NO_CACHE)
def pass_gate(
    workspace: Workspace,
    settings: GateSettings,
    labelled: Manifest,
    trained: Trained,
    report: Manifest,
    profile: Manifest,
    figures: tuple[Path, Path],
    *predicted: Manifest,
) -> tuple[Version, Decision]:
    """Register a model with what it is worth, and make it the champion if it may be.

    Args:
        workspace: Whose champion.
        settings: Of the gate.
        labelled: The examples.
        trained: The model.
        report: Its report.
        profile: What its reviews are like.
        figures: ``metrics.json`` and ``behaviour.json``.
        *predicted: Of the test split, the baseline's, then those of each network.
    """
    registry, target = Registry(workspace), read_target(labelled.path(TARGET))
    metrics, behaviour = (json.loads(path.read_bytes()) for path in figures)
    passed = behaviour["passed"] / behaviour["total"]
    version = registry.add(
        trained.model,
        report=report.folder.relative_to(workspace.root).as_posix(),
        profile=profile.folder.relative_to(workspace.root).as_posix(),
        metric=target.metric,
        passed=passed,
        **{
            name: metrics[name]["figures"][target.metric]["value"]
            for name in ("network", "baseline")
        },
    )
    if version.status == "champion":
        if version.rival is None and passed < settings.behaviour_floor:
            reason = f"{FIRST}, although it passes only {passed:.0%} of the behaviour tests"
            version = registry.add(trained.model, reason=reason)
        decision = Decision(promoted=True, reason=version.reason)
    else:
        compared = compare_with(workspace, labelled, registry.champion_model(), *predicted)
        gained = json.loads(compared.path(GAIN).read_bytes())
        decision = decide(gained, passed, settings, target)
        if decision.promoted:
            version = registry.promote(version.number, decision.reason)
        else:
            version = registry.add(trained.model, status="candidate", reason=decision.reason)
    logger.info("model %d is the %s: %s", version.number, version.status, decision.reason)
    return version, decision
