"""Naive Bayes over features of few examples."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import ComplementNB

from pipeline.model.naive_bayes import SMOOTHING, cross_fit
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.three import Three

ROWS, WORDS = 400, 300


def sample(classes: int, rare: float = 0.5) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """Texts of ten words, each class with favourites of its own; labels and folds."""
    random = np.random.default_rng(1)
    shares = [rare, *[(1 - rare) / (classes - 1)] * (classes - 1)]
    labels = random.choice(classes, ROWS, p=shares)
    words = random.integers(WORDS, size=(ROWS, 10))
    liked = random.random(words.shape) < 0.5
    words = np.where(liked, words // classes * classes + labels[:, None], words) % WORDS
    rows = np.repeat(np.arange(ROWS), 10)
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, words.ravel())), (ROWS, WORDS))
    return matrix, labels.astype(np.float32), np.arange(ROWS) % 5


@pytest.mark.parametrize("target", [BINARY, Three()])
def test_the_coefficients_are_those_of_complement_naive_bayes(target: Target) -> None:
    features, labels, folds = sample(len(target.names))
    found = cross_fit(features, labels, np.ones(ROWS), folds, target, spread=2.0)
    model = ComplementNB(alpha=SMOOTHING).fit(features, labels)
    logits = features @ found.coefficients
    if target.link.outputs == 1:
        assert np.array_equal(logits > 0, model.predict(features) == 1)
    else:
        assert np.array_equal(logits.argmax(axis=1), model.predict(features))
    assert float(found.logits.std()) == pytest.approx(2.0)


def test_logits_do_not_know_the_labels_of_their_fold() -> None:
    features, labels, folds = sample(2, rare=0.1)
    turned = np.where(folds == 0, 1 - labels, labels).astype(np.float32)
    before, after = (
        cross_fit(features, one, np.ones(ROWS), folds, BINARY, 1.0).logits
        for one in (labels, turned)
    )
    scale = before[folds == 0][0] / after[folds == 0][0]
    assert before[folds == 0] == pytest.approx(scale * after[folds == 0])
    assert roc_auc_score(labels, before) > 0.8


def test_further_texts_count_by_their_weight() -> None:
    features, labels, folds = sample(2, rare=0.1)
    further = sp.vstack([features, features[labels == 0]]).tocsr()
    known = np.append(labels, np.zeros(np.sum(labels == 0), np.float32))
    little = np.append(np.ones(ROWS), np.full(len(known) - ROWS, 1e-9))
    alone = cross_fit(features, labels, np.ones(ROWS), folds, BINARY, 1.0)
    none = cross_fit(further, known, little, folds, BINARY, 1.0)
    some = cross_fit(further, known, np.ones(len(known)), folds, BINARY, 1.0)
    assert none.logits == pytest.approx(alone.logits, abs=1e-6)
    assert len(some.logits) == ROWS
    assert not np.allclose(some.logits, alone.logits, atol=1e-2)


def test_a_fold_without_examples_of_a_class_is_no_error() -> None:
    features, labels, _ = sample(2, rare=0.1)
    folds = (labels > 0).astype(int)
    found = cross_fit(features, labels, np.ones(ROWS), folds, BINARY, 1.0)
    assert np.isfinite(found.logits).all()
