"""What network and baseline predict for the test split."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from flows.stage import Output, stage
from pipeline.model.inference import NETWORK_FILE, is_wide, load_model, probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.examples import TARGET, read_examples
from pipeline.prepare.sequences import load_split
from pipeline.stages.ngrams import read_documents
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import Predicted, read_target

PREDICTIONS = "test.npy"


@stage("predictions", version=2)
def predict_test(
    folder: Path, labelled: Manifest, tokens: Manifest, dataset: Manifest, model: Manifest
) -> Output:
    """Let one network predict the test split."""
    sequences, _ = load_split(dataset.path("dataset.npz"), "test")
    features = None
    if is_wide(model):
        documents = read_documents(labelled, tokens, "test")
        regression = NgramRegression.load(model.folder)
        features = regression.features(documents.texts, documents.tokens)
    network = load_model(model.path(NETWORK_FILE))
    return save_predictions(folder, probabilities(network, sequences, features))


@stage("baseline_predictions", version=1)
def predict_test_with_baseline(folder: Path, labelled: Manifest, baseline: Manifest) -> Output:
    """Let the baseline predict the test split."""
    texts, _ = read_examples(labelled.path("examples.parquet"), "test")
    regression = NgramRegression.load(baseline.folder)
    logits = regression.logits(regression.features(texts))
    link = read_target(labelled.path(TARGET)).link
    return save_predictions(folder, link.probabilities(logits))


def read_predictions(of_baseline: Manifest, *of_members: Manifest) -> dict[str, Predicted]:
    """Those of the ``network``, or of an ensemble the mean, and those of the ``baseline``."""
    read = [np.load(one.path(PREDICTIONS)) for one in (of_baseline, *of_members)]
    return {"network": np.mean(read[1:], axis=0), "baseline": read[0]}


def save_predictions(folder: Path, predicted: Predicted) -> Output:
    """Write predictions of the test split."""
    with atomic_path(folder / PREDICTIONS) as temporary, temporary.open("wb") as file:
        np.save(file, predicted, allow_pickle=False)
    return Output([PREDICTIONS], len(predicted), {})
