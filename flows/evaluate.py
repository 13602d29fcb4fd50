"""The evaluation flow: metrics, report and promotion; see :mod:`pipeline.stages.evaluate`."""

from __future__ import annotations

import json

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import show_evaluation
from flows.notify import notify
from flows.prefect_env import link_to
from flows.prefect_flow import flow
from flows.prefect_runner import PrefectRunner
from pipeline.alerts.sent import Sent
from pipeline.evaluate.promotion import Decision
from pipeline.model.registry import Registry, Version
from pipeline.settings import NotifySettings, Settings
from pipeline.stages import evaluate as stages
from pipeline.stages import promote as promotion
from pipeline.stages.prepare import Prepared
from pipeline.stages.track import track
from pipeline.stages.train import Trained
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import read_target

promote = task(name="gate", task_run_name="gate", cache_policy=NO_CACHE)(promotion.promote)


@flow(flow_run_name="evaluate {settings.source_kinds}")
def evaluate(
    workspace: Workspace,
    snapshot: Manifest,
    prepared: list[Prepared],
    trained: Trained,
    settings: Settings,
) -> Manifest:
    """Evaluate a model on the test split and write the report; returns the report's manifest."""
    runner = PrefectRunner(workspace)
    evaluation = stages.evaluate(runner, snapshot, prepared, trained, settings)
    report = stages.report(runner, evaluation, settings)
    version, decision = promote(runner, evaluation, report, settings.gate)
    tell(workspace, settings.notify, report, version, decision)
    track(evaluation, report, version, settings)
    show_evaluation(
        evaluation.read_metrics(),
        read_target(evaluation.prepared.examples.path(names.TARGET)).kind,
        decision,
        version,
        Registry(workspace).versions(),
        link_to(report.path(names.REPORT), workspace),
    )
    return report


def tell(
    workspace: Workspace,
    settings: NotifySettings,
    report: Manifest,
    version: Version,
    decision: Decision,
) -> None:
    """Notify about drift, and about a model that was not promoted; once about each.

    A run that repeats no work finds the same drift and comes to the same decision again.
    """
    if not settings.url.get_secret_value():
        return
    sent = Sent(workspace.root)
    changed = report.details["drift"]
    drift = ("drift", json.dumps(changed, sort_keys=True))
    if changed and changed["is_drift"] and drift not in sent:
        text = "review-sentiment: the reviews have drifted from those the champion was trained on"
        if notify(settings, "drift", text, **changed):
            sent.remember([drift])
    candidate = ("candidate", version.model, version.made)
    if version.status == "candidate" and candidate not in sent:
        text = f"review-sentiment: model {version.number} stays a candidate: {decision.reason}"
        if notify(settings, "candidate", text, version=version.number):
            sent.remember([candidate])
