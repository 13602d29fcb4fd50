"""The watch flow: crawl the source and predict the sentiment of new reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import show_new_reviews
from flows.crawl import crawl
from flows.prefect_flow import flow
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import predict_reviews
from pipeline.settings import Settings
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace


@task(task_run_name="predict new reviews", cache_policy=NO_CACHE)
def predict_new(workspace: Workspace, snapshot: Manifest, model: Manifest) -> tuple[Path, int]:
    """Write the champion's predictions for all reviews.

    Returns:
        The path of the Parquet table and the number of new reviews.
    """
    output = workspace.folder("sentiment", model.digest[:16]) / names.SENTIMENT
    predictor = Predictor(model, workspace.memo_folder)
    summary: dict[str, Any] = predict_reviews(snapshot.path(names.REVIEWS), output, predictor)
    show_new_reviews(summary)
    return output, summary["new"]


@flow(flow_run_name="watch {settings.source_kinds}")
def watch(workspace: Workspace, settings: Settings) -> Path | None:
    """Crawl the source and predict its reviews with the champion.

    Returns:
        The path of the predictions, None if the workspace has no model.
    """
    snapshot = crawl(workspace, settings)
    registry = Registry(workspace)
    if registry.champion is None:
        return None
    output, _ = predict_new(workspace, snapshot, registry.champion_model())
    return output
