"""Token contributions: they sum to the logit and identify the decisive token."""

import dataclasses
from typing import Literal

import numpy as np
import pytest

from pipeline.explain import ngram_contributions as wide
from pipeline.explain.integrated_gradients import attributions, contrast, lobatto, ngram_weights
from pipeline.model.inference import probabilities
from pipeline.model.network import build, widen
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.sequences import Sequences
from pipeline.settings import ModelSettings
from pipeline.starter.starter import Starter
from pipeline.target.three import Three
from tests.pipeline.model.test_network import learnable, settings
from tests.pipeline.model.test_ngrams import LABELS, TEXTS

TOKENS = [text.split() for text in TEXTS]


def logits(model: object, sequences: Sequences, features: object = None) -> np.ndarray:
    """Log-odds of the last class against the first, from the model's probabilities."""
    found = probabilities(model, sequences, features)  # type: ignore[arg-type]
    if found.ndim == 1:
        return np.log(found / (1 - found))
    return np.log(found[:, -1] / found[:, 0])


@pytest.mark.parametrize("kind", ["functional", "sequential"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_parts_sum_up_to_the_logit(kind: Literal["functional", "sequential"], outputs: int) -> None:
    model = build(
        settings(kind),
        vocabulary_size=50,
        prior=[0.3] * outputs,
        seed=1,
        activation="sigmoid" if outputs == 1 else "softmax",
    )
    sequences, _ = learnable(150, 1)
    found = attributions(model, sequences, steps=8)
    assert found.logit == pytest.approx(logits(model, sequences), abs=1e-4)
    kinks = 5e-3 if kind == "functional" else 1e-4  # max pooling is not smooth
    assert np.abs(found.error).max() < kinks
    assert found[3].shape == (sequences.lengths[3],)


def test_unknown_tokens_add_nothing() -> None:
    model = build(settings("functional"), vocabulary_size=50, prior=[0.0], seed=1)
    sequences = Sequences(np.array([7, 1, 9, 1], np.int32), np.array([0, 4]))
    parts = attributions(model, sequences)[0]
    assert parts[[1, 3]] == pytest.approx(0)
    assert np.abs(parts[[0, 2]]).min() > 0


def test_the_decisive_token_has_the_largest_contribution() -> None:
    from pipeline.settings import TrainSettings
    from pipeline.train.train import train

    model, _ = train(
        learnable(300, 1),
        learnable(200, 2),
        vocabulary_size=50,
        model=settings("functional"),
        settings=TrainSettings(epochs=8, batch_size=32, learning_rate=0.05),
    )
    sequences, labels = learnable(200, 3)
    found = attributions(model, sequences)
    at = sequences.flat == 2
    assert found.flat[at].mean() > 5 * np.abs(found.flat[~at]).mean()
    assert labels.any()


def test_contributions_of_both_branches_sum_to_the_logit() -> None:
    target = Three()
    labels = [2 * label for label in LABELS[:-1]] + [1]
    ((regression, _),) = NgramRegression.cross_fit(
        np.arange(len(TEXTS)) % 2, TEXTS, labels, target, tokens=TOKENS, with_jamo=True
    )
    deep = build(
        ModelSettings(embedding_size=8, lstm_units=8),
        vocabulary_size=50,
        prior=[0.1, 0.2, 0.3],
        seed=1,
        activation="softmax",
    )
    model = widen(deep, regression, (0.7, 0.4), np.array([0.1, -0.2, 0.3]), "softmax")
    texts = ["교통이 편해요 그리고 좋아요", "ABC 싫어요", "xyz", ""]
    tokens = [text.split() for text in texts]
    sequences = Sequences(np.array([5, 6, 7, 8, 9, 2, 1, 1], np.int32), np.array([0, 4, 6, 7, 8]))
    features = regression.features(texts, tokens)
    weights = ngram_weights(model)
    found = list(wide.contributions(regression, weights, texts, tokens))
    sums = [parts.sum() + rest for parts, rest in found]
    assert sums == pytest.approx(features.matrix @ weights, abs=1e-5)
    assert [len(parts) for parts, _ in found] == [4, 2, 1, 0]
    whole = attributions(model, sequences, steps=8).logit + sums
    assert whole == pytest.approx(logits(model, sequences, features), abs=1e-4)


def test_ngram_contributions_go_to_the_token_with_the_ngrams() -> None:
    regression = NgramRegression.fit(TEXTS, LABELS, tokens=TOKENS)
    weights = regression.coefficients.astype(np.float64)
    ((parts, rest),) = wide.contributions(
        regression, weights, ["관리가 싫어요 편해요"], [["관리가", "싫어요", "편해요"]]
    )
    assert parts[1] < -0.1 < 0.1 < parts[2]
    assert abs(rest) < abs(parts).max()


def test_ngram_contributions_do_not_depend_on_the_other_texts() -> None:
    ((regression, _),) = NgramRegression.cross_fit(
        np.arange(len(TEXTS)) % 2, TEXTS, LABELS, tokens=TOKENS, with_jamo=True
    )
    regression = dataclasses.replace(regression, starter=Starter.load())
    weights = np.append(regression.coefficients.astype(np.float64), 0.5)
    texts = [*TEXTS, "", "가 나 " * 1_200, "xyz"]
    tokens = [text.split() for text in texts]
    repeats = 2 * wide.TEXTS_AT_ONCE // len(texts)
    together = wide.contributions(regression, weights, texts * repeats, tokens * repeats)
    alone = [
        one
        for text, own in zip(texts, tokens, strict=True)
        for one in wide.contributions(regression, weights, [text], [own])
    ]
    for (parts, rest), (expected, expected_rest) in zip(together, alone * repeats, strict=True):
        assert parts == pytest.approx(expected, abs=1e-6)
        assert rest == pytest.approx(expected_rest, abs=1e-6)


def test_gauss_lobatto_is_exact_for_polynomials() -> None:
    for count in range(2, 9):
        points, weights = lobatto(count)
        assert points[[0, -1]] == pytest.approx([0, 1])
        degree = 2 * count - 3
        assert weights @ points**degree == pytest.approx(1 / (degree + 1))


def test_contrast_is_the_last_class_against_the_first() -> None:
    for outputs, expected in ((1, [1]), (3, [-1, 0, 1])):
        model = build(settings("sequential"), vocabulary_size=9, prior=[0.0] * outputs, seed=1)
        assert contrast(model).tolist() == expected
