"""The wide branch: the regression over n-grams that the network is stacked with."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.arrays import Integers
from pipeline.model import naive_bayes, ngrams
from pipeline.model.naive_bayes import Bayes
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.examples import read_examples
from pipeline.prepare.folds import FEW, fold_numbers
from pipeline.reviews.review import (
    BETWEEN,
    LABEL_NAMES,
    NEGATIVE,
    SPLITS,
    UNLABELED,
    WITHOUT_LABEL,
)
from pipeline.stages.documents import NO_DOCUMENTS, Documents, read_documents
from pipeline.stages.regressions import Fitted, fit_regressions
from pipeline.stages.stage import Output, stage
from pipeline.starter import self_training
from pipeline.starter.self_training import SelfTrained, self_train
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Target
from pipeline.target.kinds import read_target
from pipeline.train import stacking

logger = logging.getLogger(__name__)

BLURS_FROM = 0.25
"""From this share of complaints on, training on neutral reviews does more harm than good."""
MOST_KNOWN = 0.05
"""The starter is left out if it was trained on a larger share of the examples."""


@stage("ngrams", version=ngrams.NGRAMS_VERSION)
def fit_ngrams(
    folder: Path,
    examples: Manifest,
    tokens: Manifest,
    class_weights: str | None,
    with_starter: bool,
) -> Output:
    """Fit the wide branch to the training and validation splits.

    It is a regression over characters and tokens, joined with the starter unless that was trained
    on these reviews. With fewer than ``FEW`` examples, it also uses jamo, is joined with naive
    Bayes, learns from neutral reviews if complaints are rare, and from the starter's predictions
    for the unlabelled reviews if these outnumber the examples. The stacking weights need held-out
    logits, by regressions that were not trained on the example: with fewer than ``FEW`` examples
    for all of them, by cross-validation; else for the validation split, by a regression fitted to
    the training split.
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
    fitted = fit_regressions(read, target, [class_weights], neutral, unlabeled)
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
        logger.info("not using the starter: it was trained on %.0f %% of the reviews", 100 * share)
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
    """Whether labels are few and complaints rare, so that words of neutral reviews are useful."""
    counts = _labelled(examples)
    return counts.total() < FEW and counts[LABEL_NAMES[NEGATIVE]] < BLURS_FROM * counts.total()


def _is_worth_adapting(examples: Manifest) -> bool:
    """Whether labelled reviews are few, and unlabelled ones outnumber them."""
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
    """Self-training of the starter on the labelled reviews, followed by the unlabelled ones."""
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
    """Share of labelled examples that the starter was trained on; short texts count as unseen."""
    texts, _ = read_examples(examples.path(names.EXAMPLES), *SPLITS)
    return float(np.mean(Starter.load().has_learnt_from(texts)))
