"""The end-to-end flow: crawl, prepare, train, evaluate."""

from __future__ import annotations

from flows.crawl import crawl
from flows.evaluate import evaluate
from flows.prefect_flow import flow
from flows.prepare import prepare
from flows.train import train
from flows.unlabeled import answer_unlabeled
from pipeline.settings import Settings
from pipeline.stages.unlabeled import has_labels
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace


@flow(name="review-sentiment", flow_run_name="review-sentiment {settings.source_kinds}")
def review_sentiment(
    workspace: Workspace, settings: Settings, full: bool = False, yes_delete: bool = False
) -> Manifest:
    """Run all stages from crawl to report; returns the report's manifest.

    Without labels nothing is trained: the starter answers, and the report says so.
    """
    snapshot = crawl(workspace, settings, full, yes_delete)
    if not has_labels(snapshot, settings.label):
        return answer_unlabeled(workspace, snapshot, settings)
    prepared = prepare(workspace, snapshot, settings)
    trained = train(workspace, prepared, settings)
    return evaluate(workspace, snapshot, prepared, trained, settings)
