"""All stages in order, without an orchestrator."""

from __future__ import annotations

from pipeline.settings import Settings
from pipeline.stages.crawl import crawl
from pipeline.stages.evaluate import evaluate, report
from pipeline.stages.prepare import prepare
from pipeline.stages.promote import promote
from pipeline.stages.runner import Runner
from pipeline.stages.track import track
from pipeline.stages.train import train
from pipeline.stages.unlabeled import answer_unlabeled, has_labels
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace


def run_pipeline(workspace: Workspace, settings: Settings, *, full: bool = False) -> Manifest:
    """Run all stages from the source to the report; return the report's manifest.

    Args:
        workspace: Where everything is written.
        settings: Settings of all stages.
        full: Request every page of a site, not only pages with new reviews.
    """
    runner = Runner(workspace)
    snapshot = crawl(workspace, settings, full=full)
    if not has_labels(snapshot, settings.label):
        return answer_unlabeled(runner, snapshot, settings)
    prepared = prepare(runner, snapshot, settings)
    trained = train(runner, prepared, settings)
    evaluation = evaluate(runner, snapshot, prepared, trained, settings)
    written = report(runner, evaluation, settings)
    version, _ = promote(runner, evaluation, written, settings.gate)
    track(evaluation, written, version, settings)
    return written
