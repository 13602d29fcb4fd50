"""Gain: improvement of a model over the champion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipeline.arrays import Bools
from pipeline.evaluate import promotion
from pipeline.evaluate.resampling import Resampling
from pipeline.predict.predictor import Predictor
from pipeline.prepare.tested import UnderTest, read_tested
from pipeline.stages.predictions import Predictions
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Predicted


@stage("gain", version=3)
def compare_with(
    folder: Path,
    examples: Manifest,
    champion: Manifest,
    recorded: Manifest | None,
    predictions: Predictions,
    *,
    memo: Path,
) -> Output:
    """Compare with a champion on the tested reviews; null if it predicts another target.

    Each model uses its own decision rule. Both are measured by the current metric, whatever an
    earlier version of this program recorded for the champion.

    Args:
        folder: Where the comparison is written.
        examples: The reviews.
        champion: The champion.
        recorded: Metrics of the champion, with its predictions when it was tested.
        predictions: Predictions of the new model.
        memo: Folder of the tokenizer cache.
    """
    predictor = Predictor(champion, memo)
    target, gained = predictions.targets["network"], None
    if predictor.target.undecided == target.undecided:
        tested = read_tested(examples.path(names.EXAMPLES))
        of_champion, rows = fair_answers(predictor, recorded, tested)
        if rows.any():
            gained = promotion.gain(
                tested.labels[rows],
                (target, predictions.read()["network"][rows]),
                (predictor.target, of_champion[rows]),
                Resampling.of(tested).take(rows),
            )
    write_json(folder / names.GAIN, gained)
    return Output([names.GAIN], 1, {})


def fair_answers(
    predictor: Predictor, recorded: Manifest | None, tested: UnderTest
) -> tuple[Predicted, Bools]:
    """The champion's predictions for reviews that it was not trained on.

    A cross-validated champion was trained on all its reviews. For these, the recorded predictions
    of its cross-validation are used, made by models that were not trained on them; other reviews
    are predicted now. If the champion had a test split and the new model has none, only that split
    is compared.

    Returns:
        A prediction for each tested review, and the mask of the reviews to compare.
    """
    answers = predictor.predict(tested.texts)
    everything = np.ones(len(answers), bool)
    if recorded is None:
        return answers, everything
    metrics = json.loads(recorded.path(names.METRICS).read_bytes())
    was_cross_validated = bool(metrics.get("folds"))
    if not was_cross_validated and tested.folds is None:
        return answers, everything
    table = pq.read_table(recorded.path(names.TEST_TABLE))
    keys = zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True)
    places = {key: place for place, key in enumerate(keys)}
    found = [places.get(key, -1) for key in zip(tested.ids, tested.texts, strict=True)]
    known = np.array(found) >= 0
    if not was_cross_validated:
        return answers, known
    columns = {name: table[f"network_{name}"].to_numpy() for name in predictor.target.columns}
    then = predictor.target.predicted(columns)
    answers[known] = then[np.array(found)[known]]
    return answers, everything
