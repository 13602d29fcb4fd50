"""The regressions over n-grams: the baseline and the wide branch."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Labels
from pipeline.model import ngrams
from pipeline.model.ngrams import MOST_TEXTS, NgramRegression
from pipeline.prepare.examples import read_examples, tokens_of
from pipeline.prepare.folds import fold_numbers
from pipeline.reviews.review import SPLITS
from pipeline.stages.stage import Output, stage
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.manifest import Manifest
from pipeline.target import thresholds
from pipeline.target.base import Target
from pipeline.target.kinds import read_target
from pipeline.target.thresholds import Objective
from pipeline.train import stacking

logger = logging.getLogger(__name__)

BASELINE_VERSION = 9
TRAINING_SHARE = 0.9
"""Of ``MOST_TEXTS`` for the training split, the rest for validation."""
NEARLY_EVEN = 1.1
"""Up to this ratio of the most to the least frequent class, class weights change nothing."""
FEW = 5_000
"""With fewer examples, logits of held-out examples come from cross-validation."""
MOST_KNOWN = 0.05
"""The starter is left out if it was trained on a larger share of the examples."""


@stage("baseline", version=BASELINE_VERSION)
def fit_baseline(
    folder: Path, examples: Manifest, class_weights: str | None, threshold: Objective
) -> Output:
    """Fit the regression over characters, with or without class weights.

    Of classes, the stronger on held-out examples is taken, each with the decision rule chosen
    there as for the network, and fitted to the training and validation splits. The network sees
    the same examples: its validation split decides when to stop. As for the wide branch, the
    examples are held out by cross-validation if they are few, else by the validation split.
    """
    path, target = examples.path(names.EXAMPLES), read_target(examples.path(names.TARGET))
    (texts, labels), (held_out, truth) = (
        read_examples(path, split, most=int(MOST_TEXTS * share))
        for split, share in (("train", TRAINING_SHARE), ("validation", 1 - TRAINING_SHARE))
    )
    candidates = _class_weights(target, labels, class_weights)
    both, of_both = texts + held_out, np.concatenate([labels, truth])
    counts = [len(both)] if len(both) < FEW else [len(texts), len(both)]
    fitted = NgramRegression.fit_several(
        [(count, one) for one in candidates for count in counts], both, of_both, target
    )
    on_all = fitted[len(counts) - 1 :: len(counts)]
    if len(both) < FEW:
        truth = of_both
        folds = fold_numbers(both, [target.group(label) for label in truth])
        logits = [
            NgramRegression.held_out_logits(folds, both, truth, target, one) for one in candidates
        ]
    else:
        features = fitted[0].features(held_out)
        logits = [one.logits(features) for one in fitted[::2]]
    predicted = [target.link.probabilities(one) for one in logits]
    targets = [thresholds.choose(target, truth, one, threshold) for one in predicted]
    values = [
        own.measure(truth, one)(np.ones(len(truth)))
        for own, one in zip(targets, predicted, strict=True)
    ]
    best = int(np.argmax(np.multiply(values, target.better)))
    on_all[best].save(folder)
    write_text(folder / names.TARGET, targets[best].model_dump_json(indent=2) + "\n")
    details = {
        "examples": len(both),
        "class_weights": candidates[best],
        "validation": {
            one or "plain": value for one, value in zip(candidates, values, strict=True)
        },
    }
    return Output([*names.NGRAMS, names.TARGET], len(fitted[0]), details)


def _class_weights(target: Target, labels: Labels, given: str | None) -> list[str | None]:
    """The class weights worth trying; of ratings the given ones."""
    if len(target.names) == 1:
        return [given]
    counts = np.bincount([target.group(label) for label in labels])
    return [None] if counts.max() <= NEARLY_EVEN * counts.min() else [None, "balanced"]


@stage("ngrams", version=ngrams.NGRAMS_VERSION)
def fit_ngrams(
    folder: Path,
    examples: Manifest,
    tokens: Manifest,
    class_weights: str | None,
    with_starter: bool,
) -> Output:
    """Fit the wide branch to the training and validation splits.

    It is a regression over characters and tokens, joined with the starter if that has not seen
    the reviews before. What it adds to the network shows on logits of regressions that were not
    trained on the examples in question: with fewer than ``FEW`` examples by cross-validation on
    all of them, else those of the validation split by a regression fitted to the training split.
    """
    target = read_target(examples.path(names.TARGET))
    training, validation = (
        read_documents(examples, tokens, split, int(MOST_TEXTS * share))
        for split, share in (("train", TRAINING_SHARE), ("validation", 1 - TRAINING_SHARE))
    )
    size = len(training.texts) + len(validation.texts)
    counts = [size] if size < FEW else [len(training.texts), size]
    fitted = NgramRegression.fit_several(
        [(count, class_weights) for count in counts],
        training.texts + validation.texts,
        np.concatenate([training.labels, validation.labels]),
        target,
        itertools.chain(training.tokens, validation.tokens),
    )
    regression = fitted[-1]
    if size < FEW:
        known = [read_documents(examples, tokens, split) for split in ("train", "validation")]
        texts, labels = known[0].texts + known[1].texts, np.concatenate([k.labels for k in known])
        folds = fold_numbers(texts, [target.group(label) for label in labels])
        of_texts = itertools.chain(known[0].tokens, known[1].tokens)
        logits = NgramRegression.held_out_logits(
            folds, texts, labels, target, class_weights, of_texts
        )
    else:
        texts, of_validation, labels = read_documents(examples, tokens, "validation")
        logits = fitted[0].logits(fitted[0].features(texts, of_validation))
    details = {"examples": size, "starter": "unused"}
    if with_starter:
        starter, share = Starter.load(), starter_share(examples)
        details["starter"] = "joined" if share <= MOST_KNOWN else "left out"
        if share <= MOST_KNOWN:
            regression, logits = stacking.add_starter(
                regression, starter, logits, texts, labels, target, class_weights
            )
        else:
            logger.info(
                "the starter is left out: it was trained on %.0f %% of the reviews", 100 * share
            )
    files = regression.save(folder)
    with atomic_path(folder / names.WIDE_HELD_OUT) as temporary:
        np.savez(temporary, logits=logits, labels=labels)
    return Output([*files, names.WIDE_HELD_OUT], len(regression), details)


def starter_share(examples: Manifest) -> float:
    """Share of the labelled examples that the starter was trained on; short texts do not count."""
    texts, _ = read_examples(examples.path(names.EXAMPLES), *SPLITS)
    return float(np.mean(Starter.load().has_learnt_from(texts)))


class Documents(NamedTuple):
    """Some examples: cleaned texts, their tokens, their labels."""

    texts: list[str]
    tokens: Iterator[list[str]]
    labels: Labels


def read_documents(
    examples: Manifest, tokens: Manifest, split: str, most: int | None = None
) -> Documents:
    """The examples of a split, at most ``most`` of them."""
    path = examples.path(names.EXAMPLES)
    texts, labels = read_examples(path, split, most=most)
    return Documents(texts, tokens_of(path, tokens.path(names.TOKENS), split, most=most), labels)
