"""The gate: whether a model becomes the one that ``predict`` uses."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.predictions import PREDICTIONS, read_predictions, save_predictions
from flows.stage import Output, stage
from flows.train import Trained
from pipeline.examples import TARGET, read_examples
from pipeline.gate import Decision, decide
from pipeline.predict import Predictor
from pipeline.registry import Registry, Version
from pipeline.settings import GateSettings
from pipeline.target import read_target
from pipeline.workspace import Manifest, Workspace

logger = logging.getLogger("pipeline.gate")


@stage("champion_predictions", version=1)
def predict_test_with_champion(folder: Path, labelled: Manifest, champion: Manifest) -> Output:
    """Let the champion predict the test split; nothing where it predicts something else."""
    predictor = Predictor(champion, folder.parent.parent / Workspace.MEMO)
    if predictor.target != read_target(labelled.path(TARGET)):
        return Output([], 0, {})
    texts, _ = read_examples(labelled.path("examples.parquet"), "test")
    return save_predictions(folder, predictor.predict(texts))


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
        decision = Decision(promoted=True, reason=version.reason)
    else:
        found = predict_test_with_champion(workspace, labelled, registry.champion_model())
        _, labels = read_examples(labelled.path("examples.parquet"), "test")
        decision = decide(
            labels,
            read_predictions(*predicted)["network"],
            np.load(found.path(PREDICTIONS)) if found.files else None,
            passed,
            settings,
            target,
        )
        if decision.promoted:
            version = registry.promote(version.number, decision.reason)
        else:
            version = registry.add(trained.model, status="candidate", reason=decision.reason)
    logger.info("model %d is the %s: %s", version.number, version.status, decision.reason)
    return version, decision
