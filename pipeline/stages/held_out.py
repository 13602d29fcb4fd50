"""Predictions of a model for examples that it was not trained on, and the rule chosen on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.arrays import Labels
from pipeline.model.inference import probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.networks import TextSettings, target_of
from pipeline.prepare.sequences import load_split
from pipeline.stages.ngrams import read_documents
from pipeline.stages.prepare import Prepared
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target import thresholds
from pipeline.target.kinds import Predicted, Target
from pipeline.target.thresholds import Objective

if TYPE_CHECKING:
    import keras


def predict_validation(
    built: keras.Model,
    prepared: Prepared,
    target: Target,
    ngrams: Manifest | None = None,
    weight: float = 0.0,
) -> Predicted:
    """Predict the validation split with a model whose n-grams did not learn from it.

    Args:
        built: The network, or the network joined with the n-gram regression.
        prepared: The examples and how they are encoded.
        target: The prediction target.
        ngrams: The regression fitted to all examples and its weights from training alone; None
            for a network without n-grams.
        weight: Weight of the regression's logits in the joined model.
    """
    sequences, _ = load_split(prepared.dataset.path(names.DATASET), "validation")
    if ngrams is None:
        return probabilities(built, sequences)
    on_all = NgramRegression.load(ngrams.folder)
    on_training = on_all.with_weights(ngrams.path(names.TRAINING_WEIGHTS))
    documents = read_documents(prepared.examples, prepared.tokens, "validation")
    features = on_all.features(documents.texts, documents.tokens)
    logits = target.link.logits(probabilities(built, sequences, features))
    seen = on_all.logits(features) - on_training.logits(features)
    return target.link.probabilities(logits - weight * seen)


def decide(
    folder: Path, texts: TextSettings, labels: Labels, predicted: Predicted, objective: Objective
) -> TextSettings:
    """Choose the decision rule on held-out predictions, and write them as ``names.HELD_OUT``."""
    with atomic_path(folder / names.HELD_OUT) as temporary:
        np.savez(temporary, labels=labels, predicted=predicted)
    target = thresholds.choose(texts.target, labels, predicted, objective)
    return texts.model_copy(update={"target": target})


def decide_for_mean(members: Sequence[Manifest], objective: Objective) -> Target:
    """Choose the decision rule of an ensemble on the mean of its networks' predictions."""
    target = target_of(members[0])
    held_out = [np.load(one.path(names.HELD_OUT)) for one in members]
    mean = np.mean([one["predicted"] for one in held_out], axis=0)
    return thresholds.choose(target, held_out[0]["labels"], mean, objective)
