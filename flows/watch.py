"""The watch flow: crawl the source and predict the sentiment of new reviews."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import show_new_reviews
from flows.crawl import crawl
from flows.prefect_flow import flow
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import predict_reviews
from pipeline.predict.starter import AdaptedStarter
from pipeline.predict.text_predictor import TextPredictor
from pipeline.report.judged import judge
from pipeline.settings import CleanSettings, LabelSettings, Settings
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.base import Target

logger = logging.getLogger("pipeline.watch")


@task(task_run_name="predict new reviews", cache_policy=NO_CACHE)
def predict_new(
    workspace: Workspace, snapshot: Manifest, model: Manifest | None, cleaning: CleanSettings
) -> tuple[Path, Target]:
    """Write predictions for all reviews: those of the model, or of the starter without one.

    The starter is adapted to the reviews, as in a run without labels.

    Returns:
        The path of the Parquet table, and what the model predicts.
    """
    reviews = snapshot.path(names.REVIEWS)
    predictor: TextPredictor
    if model:
        key, predictor = model.digest[:16], Predictor(model, workspace.memo_folder)
    else:
        logger.info("no trained model yet: predicting with the starter")
        texts = pq.read_table(reviews, columns=["text"])["text"].to_pylist()
        key, predictor = f"starter-{Starter.digest()[:16]}", AdaptedStarter(texts, cleaning)
    output = workspace.folder("sentiment", key) / names.SENTIMENT
    show_new_reviews(predict_reviews(reviews, output, predictor))
    return output, predictor.target


@dataclass(frozen=True)
class Watched:
    """The reviews of a source with their predictions.

    Attributes:
        reviews: ``reviews.parquet``.
        predictions: ``sentiment.parquet``.
        target: What the model predicts.
    """

    reviews: Path
    predictions: Path
    target: Target

    def judged(self, settings: LabelSettings) -> pa.Table:
        """The table of :func:`pipeline.report.judged.judge`, without topics."""
        return judge(self.reviews, self.predictions, self.target, settings, {})


@flow(flow_run_name="watch {settings.source_kinds}")
def watch(workspace: Workspace, settings: Settings) -> Watched:
    """Crawl the source and predict its reviews with the champion, or else with the starter."""
    snapshot = crawl(workspace, settings)
    registry = Registry(workspace)
    model = registry.champion_model() if registry.champion else None
    predictions, target = predict_new(workspace, snapshot, model, settings.clean)
    return Watched(snapshot.path(names.REVIEWS), predictions, target)
