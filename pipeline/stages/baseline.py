"""The baseline that reports show beside the network: a regression over characters."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from pipeline.arrays import Labels
from pipeline.stages.documents import read_documents
from pipeline.stages.regressions import fit_regressions
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import write_text
from pipeline.storage.manifest import Manifest
from pipeline.target import thresholds
from pipeline.target.base import Target
from pipeline.target.kinds import read_target
from pipeline.target.thresholds import Objective

BASELINE_VERSION = 13
NEARLY_EVEN = 1.1
"""If the most frequent class is at most so many times the rarest, class weights are not tried."""


@stage("baseline", version=BASELINE_VERSION)
def fit_baseline(
    folder: Path, examples: Manifest, class_weights: str | None, threshold: Objective
) -> Output:
    """Fit the regression over characters, with or without class weights.

    For classes, the variant that is better on held-out examples is chosen. Its decision rule is
    chosen on the same examples, as for the network. It is fitted to the training and validation
    splits. The network sees the same examples, since its validation split decides when to stop. As
    for the wide branch, the examples are held out by cross-validation if there are few, else by
    the validation split.
    """
    target, read = read_target(examples.path(names.TARGET)), partial(read_documents, examples, None)
    candidates = _class_weights(target, read("train").labels, class_weights)
    fitted = fit_regressions(read, target, candidates)
    truth = fitted.labels
    predicted = [target.link.probabilities(one) for one in fitted.logits]
    targets = [thresholds.choose(target, truth, one, threshold) for one in predicted]
    values = [
        own.measure(truth, one)(np.ones(len(truth)))
        for own, one in zip(targets, predicted, strict=True)
    ]
    best = int(np.argmax(np.multiply(values, target.better)))
    regression = fitted.regressions[best]
    regression.save(folder)
    write_text(folder / names.TARGET, targets[best].model_dump_json(indent=2) + "\n")
    details = {
        "examples": fitted.examples,
        "class_weights": candidates[best],
        "validation": {
            one or "plain": value for one, value in zip(candidates, values, strict=True)
        },
    }
    return Output([names.NGRAMS, names.TARGET], len(regression), details)


def _class_weights(target: Target, labels: Labels, given: str | None) -> list[str | None]:
    """The class weights to try; for ratings, the given ones."""
    if len(target.names) == 1:
        return [given]
    counts = np.bincount([target.group(label) for label in labels])
    return [None] if counts.max() <= NEARLY_EVEN * counts.min() else [None, "balanced"]
