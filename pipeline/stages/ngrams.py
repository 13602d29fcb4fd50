"""The regressions over n-grams: the baseline and the wide branch."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats, Integers, Labels
from pipeline.model import naive_bayes, ngrams
from pipeline.model.naive_bayes import Bayes
from pipeline.model.ngrams import MOST_TEXTS, Neutral, NgramRegression
from pipeline.prepare.examples import read_examples, tokens_of
from pipeline.prepare.folds import FEW, fold_numbers
from pipeline.reviews.review import (
    BETWEEN,
    LABEL_NAMES,
    NEGATIVE,
    SPLITS,
    UNLABELED,
    WITHOUT_LABEL,
)
from pipeline.stages.stage import Output, stage
from pipeline.starter import self_training
from pipeline.starter.self_training import SelfTrained, self_train
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

BASELINE_VERSION = 13
TRAINING_SHARE = 0.9
"""Of ``MOST_TEXTS`` for the training split, the rest for validation."""
NEARLY_EVEN = 1.1
"""Up to this ratio of the most to the least frequent class, class weights change nothing."""
BLURS_FROM = 0.25
"""Share of complaints from which neutral reviews blur more than they teach."""
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
    target, read = read_target(examples.path(names.TARGET)), partial(read_documents, examples, None)
    candidates = _class_weights(target, read("train").labels, class_weights)
    fitted = _fit(read, target, candidates)
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
    the reviews before. With fewer than ``FEW`` examples it reads jamo too, is joined with naive
    Bayes, learns from neutral reviews as well if complaints are rare, and from what the starter
    teaches about the unlabelled reviews if those outnumber the examples. What it adds to the
    network shows on logits of regressions that were not trained on the examples in question: with
    fewer than ``FEW`` examples by cross-validation on all of them, else those of the validation
    split by a regression fitted to the training split.
    """
    target = read_target(examples.path(names.TARGET))
    read = partial(read_documents, examples, tokens)
    share = starter_share(examples) if with_starter else 1.0
    starter = Starter.load() if share <= MOST_KNOWN else None
    adapts = starter is not None and _is_worth_adapting(examples)
    learns_from_neutral = _learns_from_neutral(examples)
    neutral = read(BETWEEN) if learns_from_neutral else NO_DOCUMENTS
    further = (UNLABELED,) if learns_from_neutral else WITHOUT_LABEL
    unlabeled = read(*further, most=self_training.MOST_TEXTS) if adapts else NO_DOCUMENTS
    fitted = _fit(read, target, [class_weights], neutral, unlabeled)
    (regression,), (logits,) = fitted.regressions, fitted.logits
    bayes = None
    if fitted.folds is not None and len(target.names) > 1:
        bayes = _fit_bayes(read, fitted, fitted.folds, target, neutral)
    details = {
        "examples": fitted.examples,
        "starter": "unused",
        "jamo": regression.jamo is not None,
        "bayes": bayes is not None,
        "neutral": len(neutral.texts),
    }
    learnt = None
    if starter is not None:
        details["starter"] = "joined"
        learnt = _self_train(read, regression, starter) if adapts else None
    elif with_starter:
        details["starter"] = "left out"
        logger.info(
            "the starter is left out: it was trained on %.0f %% of the reviews", 100 * share
        )
    if bayes is not None or starter is not None:
        regression, logits = stacking.join_wide(
            regression, logits, fitted.texts, fitted.labels, target, class_weights,
            starter, learnt, bayes,
        )  # fmt: skip
    files = regression.save(folder)
    with atomic_path(folder / names.WIDE_HELD_OUT) as temporary:
        np.savez(temporary, logits=logits, labels=fitted.labels)
    return Output([*files, names.WIDE_HELD_OUT], len(regression), details)


def _learns_from_neutral(examples: Manifest) -> bool:
    """Whether few labels have so few complaints that the words of neutral reviews add to theirs."""
    counts = _labelled(examples)
    return counts.total() < FEW and counts[LABEL_NAMES[NEGATIVE]] < BLURS_FROM * counts.total()


def _is_worth_adapting(examples: Manifest) -> bool:
    """Whether the unlabelled reviews outnumber the labelled ones, and those are few."""
    labelled = _labelled(examples).total()
    return labelled < FEW and labelled < int(examples.details["unlabeled"])


def _labelled(examples: Manifest) -> Counter[str]:
    """Number of examples of each class that a model learns from."""
    counts = Counter[str]()
    for name in ("train", "validation"):
        counts.update(examples.details["splits"][name])
    return counts


def _self_train(
    read: Callable[..., Documents], regression: NgramRegression, starter: Starter
) -> SelfTrained:
    """What the starter teaches about the labelled and, after them, the unlabelled reviews."""
    unlabeled = read(*WITHOUT_LABEL, most=self_training.MOST_TEXTS)
    parts = [read("train"), read("validation"), unlabeled]
    texts = [text for part in parts for text in part.texts]
    tokens = itertools.chain.from_iterable(part.tokens or () for part in parts)
    own = starter.logits(texts)
    folds = fold_numbers(texts, (own > 0).astype(int).tolist())
    return self_train(regression.ngrams.transform(texts, tokens), own, folds)


def _fit_bayes(
    read: Callable[..., Documents],
    fitted: Fitted,
    folds: Integers,
    target: Target,
    neutral: Documents,
) -> Bayes:
    """Naive Bayes over the features of the wide branch, from the same texts and weights."""
    (regression,), (logits,) = fitted.regressions, fitted.logits
    parts = [read("train"), read("validation"), *([read(BETWEEN)] if neutral.texts else [])]
    tokens = itertools.chain.from_iterable(part.tokens or () for part in parts)
    features = regression.features([*fitted.texts, *neutral.texts], tokens).matrix
    labels = np.concatenate([fitted.labels, np.full(len(neutral.texts), NEGATIVE)])
    importance = np.concatenate([np.ones(len(fitted.texts)), 1 - neutral.labels])
    return naive_bayes.cross_fit(features, labels, importance, folds, target, float(logits.std()))


def starter_share(examples: Manifest) -> float:
    """Share of the labelled examples that the starter was trained on; short texts do not count."""
    texts, _ = read_examples(examples.path(names.EXAMPLES), *SPLITS)
    return float(np.mean(Starter.load().has_learnt_from(texts)))


class Documents(NamedTuple):
    """Some examples: cleaned texts, their tokens (None where they are not read), their labels."""

    texts: list[str]
    tokens: Iterator[list[str]] | None
    labels: Labels


NO_DOCUMENTS = Documents([], None, np.zeros(0, np.float32))


def read_documents(
    examples: Manifest, tokens: Manifest | None, *splits: str, most: int | None = None
) -> Documents:
    """The examples of some splits, at most ``most`` of them, without tokens if that is None."""
    path = examples.path(names.EXAMPLES)
    texts, labels = read_examples(path, *splits, most=most)
    if tokens is None:
        return Documents(texts, None, labels)
    own = tokens_of(path, tokens.path(names.TOKENS), *splits, most=most)
    return Documents(texts, own, labels)


class Fitted(NamedTuple):
    """Regressions fitted to the training and validation splits.

    Attributes:
        regressions: One for each of some class weights.
        logits: Of each, for held-out examples: by regressions that were not trained on them.
        texts: The held-out examples; those of the validation split come last.
        labels: Their labels.
        examples: Number of examples that the regressions were fitted to.
        folds: Fold of each held-out example; None if the validation split is held out.
    """

    regressions: list[NgramRegression]
    logits: list[Floats]
    texts: list[str]
    labels: Labels
    examples: int
    folds: Integers | None = None


def _fit(
    read: Callable[..., Documents],
    target: Target,
    class_weights: Sequence[str | None],
    neutral: Documents = NO_DOCUMENTS,
    unlabeled: Documents = NO_DOCUMENTS,
) -> Fitted:
    """Fit regressions, and get their logits of held-out examples.

    With fewer than ``FEW`` examples all are held out once, by cross-validation, else the
    validation split is, by regressions fitted to the training split.

    Args:
        read: Reads the examples of splits, at most a number of them.
        target: The prediction target.
        class_weights: Those of each regression.
        neutral: Reviews that few examples learn from too, as from complaints of less weight;
            their labels say how positive they are.
        unlabeled: Reviews whose n-grams count too where examples are few.
    """
    training, validation = (
        read(split, most=int(MOST_TEXTS * share))
        for split, share in (("train", TRAINING_SHARE), ("validation", 1 - TRAINING_SHARE))
    )
    texts = training.texts + validation.texts
    labels = np.concatenate([training.labels, validation.labels])
    tokens = None
    if training.tokens is not None and validation.tokens is not None:
        tokens = itertools.chain(training.tokens, validation.tokens)
    if len(texts) < FEW:
        folds = fold_numbers(texts, [target.group(label) for label in labels])
        if tokens is not None:
            tokens = itertools.chain(tokens, neutral.tokens or (), unlabeled.tokens or ())
        fitted = NgramRegression.cross_fit(
            folds, texts, labels, target, class_weights, tokens,
            Neutral(neutral.texts, neutral.labels), unlabeled.texts,
            with_jamo=tokens is not None,
        )  # fmt: skip
        regressions, logits = ([*found] for found in zip(*fitted, strict=True))
        return Fitted(regressions, logits, texts, labels, len(texts), folds)
    counts = len(training.texts), len(texts)
    fits = [(count, one) for one in class_weights for count in counts]
    several = NgramRegression.fit_several(fits, texts, labels, target, tokens)
    held_out = read("validation")
    features = several[0].features(held_out.texts, held_out.tokens)
    logits = [one.logits(features) for one in several[::2]]
    return Fitted(several[1::2], logits, held_out.texts, held_out.labels, len(texts))
