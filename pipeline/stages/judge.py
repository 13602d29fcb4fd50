"""Judge: the model's predictions for all reviews, joined with their labels and topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.explain.hard_examples import doubtful_labels
from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import predict_reviews
from pipeline.prepare.tested import is_tested
from pipeline.report.judged import judge
from pipeline.settings import LabelSettings
from pipeline.stages.predictions import Predictions
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


@stage("judged", version=2)
def judge_reviews(
    folder: Path,
    snapshot: Manifest,
    answers: Manifest,
    topics: Manifest,
    target: Target,
    settings: LabelSettings,
    examples: Manifest | None = None,
    predictions: Predictions | None = None,
) -> Output:
    """Write the table of all texts, which the report counts and lists.

    Args:
        folder: Where the table is written.
        snapshot: The reviews.
        answers: The model's answers for all of them.
        topics: The topics that they mention.
        target: What the model predicts.
        settings: How ratings become labels.
        examples: The labelled reviews; None without labels.
        predictions: Predictions for those that are tested, by models that did not learn from them.
    """
    table = judge(
        snapshot.path(names.REVIEWS),
        answers.path(names.SENTIMENT),
        target,
        settings,
        _topics_of(topics),
        _doubtful(examples, predictions) if examples and predictions else frozenset(),
    )
    with atomic_path(folder / names.JUDGED) as temporary:
        pq.write_table(table, temporary)
    return Output([names.JUDGED], table.num_rows, {})


def _doubtful(examples: Manifest, predictions: Predictions) -> Set[tuple[str, str]]:
    """Id and aspect of the tested texts whose label is probably wrong."""
    columns = ["id", "aspect", "label", "split", "fold"]
    table = pq.read_table(examples.path(names.EXAMPLES), columns=columns)
    table = table.filter(pa.array(is_tested(table)))
    found = doubtful_labels(table["label"].to_numpy(), predictions.read(), predictions.targets)
    kept = table.filter(pa.array(found))
    return set(zip(kept["id"].to_pylist(), kept["aspect"].to_pylist(), strict=True))


def _topics_of(topics: Manifest) -> dict[tuple[str, str], list[str]]:
    """The topics that each review mentions, by its source and id."""
    table = pq.read_table(topics.path(names.MENTIONS), columns=["source", "review_id", "topic"])
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, review_id, topic in zip(*(one.to_pylist() for one in table.columns), strict=True):
        found[source, review_id].append(topic)
    return found
