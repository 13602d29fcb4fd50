"""Predictions of the networks and of the baseline for the reviews that they are tested on."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.arrays import Floats
from pipeline.model.inference import is_wide, load_network, probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.networks import target_of
from pipeline.prepare.examples import read_examples
from pipeline.prepare.sequences import load_split
from pipeline.prepare.tested import read_tested
from pipeline.stages.documents import read_documents
from pipeline.stages.prepare import Prepared
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Predicted, Targets
from pipeline.target.kinds import read_target, target_from
from pipeline.target.thresholds import realign


@dataclass(frozen=True)
class Predictions(ABC):
    """Predictions for the tested reviews, and the models that made them.

    Attributes:
        fitted_baseline: The baseline.
        model: The network, or the ensemble.
    """

    fitted_baseline: Manifest
    model: Manifest

    @property
    def targets(self) -> Targets:
        """The target of each model, with its decision rule."""
        baseline = read_target(self.fitted_baseline.path(names.TARGET))
        return {"network": target_of(self.model), "baseline": baseline}

    @abstractmethod
    def read(self) -> dict[str, Predicted]:
        """Predictions of the ``network`` (mean of an ensemble) and of the ``baseline``."""

    @abstractmethod
    def unknown_shares(self, dataset: Manifest) -> Floats:
        """Share of tokens of each text that are not in the vocabulary, in the order of a split."""


@dataclass(frozen=True)
class SplitPredictions(Predictions):
    """Predictions of the model itself for the test split.

    Attributes:
        baseline: Predictions of the baseline.
        members: Predictions of each network.
    """

    baseline: Manifest
    members: tuple[Manifest, ...]

    def read(self) -> dict[str, Predicted]:
        """See :meth:`Predictions.read`."""
        members = [np.load(one.path(names.PREDICTIONS)) for one in self.members]
        return {
            "network": np.mean(members, axis=0),
            "baseline": np.load(self.baseline.path(names.PREDICTIONS)),
        }

    def unknown_shares(self, dataset: Manifest) -> Floats:
        """See :meth:`Predictions.unknown_shares`."""
        sequences, _ = load_split(dataset.path(names.DATASET), "test")
        return sequences.unknown_shares


@dataclass(frozen=True)
class FoldPredictions(Predictions):
    """Predictions for all labelled reviews, each by models trained without its fold.

    Attributes:
        examples: Examples with the fold of each review.
        folds: Predictions for each fold, and the decision rules of its models.
    """

    examples: Manifest
    folds: tuple[Manifest, ...]

    def read(self) -> dict[str, Predicted]:
        """See :meth:`Predictions.read`.

        The models of each fold have their own decision rules. The logits of a fold are shifted so
        that the rule of the final model gives the same decisions as the fold's own rule.
        """
        rules = [json.loads(one.path(names.RULES).read_bytes()) for one in self.folds]
        return {
            name: self._pooled(
                [
                    realign(predicted, target_from(own[name]), target)
                    for predicted, own in zip(self._of_folds(name), rules, strict=True)
                ]
            )
            for name, target in self.targets.items()
        }

    def unknown_shares(self, dataset: Manifest) -> Floats:
        """See :meth:`Predictions.unknown_shares`; uses the vocabulary of each fold."""
        return self._pooled(self._of_folds("unknown_shares"))

    def _of_folds(self, name: str) -> list[Floats]:
        return [np.load(one.path(names.FOLD))[name] for one in self.folds]

    def _pooled(self, parts: Sequence[Floats]) -> Floats:
        """Join the values of the folds in the order of all reviews."""
        folds = read_tested(self.examples.path(names.EXAMPLES)).folds
        pooled = np.empty((sum(map(len, parts)), *parts[0].shape[1:]))
        for number, part in enumerate(parts):
            pooled[folds == number] = part
        return pooled


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
