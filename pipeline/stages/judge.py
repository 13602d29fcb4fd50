"""Judge: the model's predictions for all reviews, joined with their labels and topics."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import predict_reviews
from pipeline.report.judged import judge
from pipeline.settings import LabelSettings
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Target


@stage("sentiment", version=3)
def answer_reviews(
    folder: Path, snapshot: Manifest, model: Manifest, *, memo: Path, workers: int | None = None
) -> Output:
    """Predict all reviews with a model, including its training reviews."""
    predictor = Predictor(model, memo, workers)
    found = predict_reviews(snapshot.path(names.REVIEWS), folder / names.SENTIMENT, predictor)
    return Output([names.SENTIMENT], found["rows"], {"predicted": found["new"]})


@stage("judged", version=1)
def judge_reviews(
    folder: Path,
    snapshot: Manifest,
    answers: Manifest,
    topics: Manifest,
    target: Target,
    settings: LabelSettings,
) -> Output:
    """Write the table of all texts, which the report counts and lists."""
    table = judge(
        snapshot.path(names.REVIEWS),
        answers.path(names.SENTIMENT),
        target,
        settings,
        _topics_of(topics),
    )
    with atomic_path(folder / names.JUDGED) as temporary:
        pq.write_table(table, temporary)
    return Output([names.JUDGED], table.num_rows, {})


def _topics_of(topics: Manifest) -> dict[tuple[str, str], list[str]]:
    """The topics that each review mentions, by its source and id."""
    table = pq.read_table(topics.path(names.MENTIONS), columns=["source", "review_id", "topic"])
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, review_id, topic in zip(*(one.to_pylist() for one in table.columns), strict=True):
        found[source, review_id].append(topic)
    return found
