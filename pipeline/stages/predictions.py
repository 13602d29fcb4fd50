"""Predictions of the networks and of the baseline for the test split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.model.inference import is_wide, load_network, probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.networks import target_of
from pipeline.prepare.examples import read_examples
from pipeline.prepare.sequences import load_split
from pipeline.stages.ngrams import read_documents
from pipeline.stages.prepare import Prepared
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Predicted, Targets
from pipeline.target.kinds import read_target


@dataclass(frozen=True)
class Predictions:
    """What was predicted for the test split, and by what.

    Attributes:
        baseline: Predictions of the baseline.
        members: Predictions of each network.
        fitted_baseline: The baseline.
        model: The network, or the ensemble.
    """

    baseline: Manifest
    members: tuple[Manifest, ...]
    fitted_baseline: Manifest
    model: Manifest

    @property
    def targets(self) -> Targets:
        """The target of each model, with its decision rule."""
        baseline = read_target(self.fitted_baseline.path(names.TARGET))
        return {"network": target_of(self.model), "baseline": baseline}

    def read(self) -> dict[str, Predicted]:
        """Those of the ``network``, the mean for an ensemble, and of the ``baseline``."""
        members = [np.load(one.path(names.PREDICTIONS)) for one in self.members]
        return {
            "network": np.mean(members, axis=0),
            "baseline": np.load(self.baseline.path(names.PREDICTIONS)),
        }


@stage("predictions", version=2)
def predict_test(folder: Path, prepared: Prepared, model: Manifest) -> Output:
    """Predict the test split with one network."""
    sequences, _ = load_split(prepared.dataset.path(names.DATASET), "test")
    features = None
    if is_wide(model):
        documents = read_documents(prepared.examples, prepared.tokens, "test")
        regression = NgramRegression.load(model.folder)
        features = regression.features(documents.texts, documents.tokens)
    return _save(folder, probabilities(load_network(model.folder), sequences, features))


@stage("baseline_predictions", version=1)
def predict_test_with_baseline(folder: Path, examples: Manifest, baseline: Manifest) -> Output:
    """Predict the test split with the baseline."""
    texts, _ = read_examples(examples.path(names.EXAMPLES), "test")
    regression = NgramRegression.load(baseline.folder)
    logits = regression.logits(regression.features(texts))
    link = read_target(examples.path(names.TARGET)).link
    return _save(folder, link.probabilities(logits))


def _save(folder: Path, predicted: Predicted) -> Output:
    with atomic_path(folder / names.PREDICTIONS) as temporary, temporary.open("wb") as file:
        np.save(file, predicted, allow_pickle=False)
    return Output([names.PREDICTIONS], len(predicted), {})
