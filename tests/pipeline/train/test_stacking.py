"""The starter joined with an n-gram regression, and the weights of LSTM and n-grams."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.explain.ngram_contributions import contributions
from pipeline.model import naive_bayes
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.folds import FEW, fold_numbers
from pipeline.starter.self_training import self_train
from pipeline.starter.starter import Starter
from pipeline.target import thresholds
from pipeline.target.base import Target
from pipeline.target.binary import BINARY, Binary
from pipeline.target.three import Three
from pipeline.train.stacking import as_joined, join_wide, prior_for, weigh

GOOD = [
    "친절하고 깨끗해서 좋았어요",
    "정말 만족합니다",
    "또 오고 싶은 곳이에요",
    "추천해요 최고예요",
]
BAD = ["불친절하고 더러워요", "정말 실망입니다", "다시는 안 갈 거예요", "최악이에요 환불해 주세요"]
TEXTS = [f"{text} {number}" for number in range(10) for text in (*GOOD, *BAD)]
TOKENS = [text.split() for text in TEXTS]
LABELS = np.tile([1.0] * 4 + [0.0] * 4, 10).astype(np.float32)


def cross_fit(target: Target, labels: np.ndarray) -> tuple[NgramRegression, np.ndarray]:
    folds = fold_numbers(TEXTS, [target.group(label) for label in labels])
    (fitted,) = NgramRegression.cross_fit(
        folds, TEXTS, labels, target, tokens=TOKENS, with_jamo=True
    )
    return fitted


def joined(target: Target, labels: np.ndarray) -> tuple[NgramRegression, np.ndarray]:
    regression, held_out = cross_fit(target, labels)
    return join_wide(regression, held_out, TEXTS, labels, target, starter=Starter.load())


@pytest.mark.parametrize("target", [BINARY, Three()])
def test_the_joined_logit_is_linear_in_both(target: Target, tmp_path: Path) -> None:
    labels = LABELS.copy()
    if target.link.outputs > 1:
        labels *= 2
        labels[3::8] = labels[7::8] = 1
    regression, _ = joined(target, labels)
    alone, _ = cross_fit(target, labels)
    starter = Starter.load().logits(TEXTS)
    found = regression.logits(regression.features(TEXTS, TOKENS))
    columns = [alone.logits(alone.features(TEXTS, TOKENS)), starter]
    first, last = (found[:, 0], found[:, -1]) if found.ndim > 1 else (0, found)
    of_ngrams = columns[0][:, -1] - columns[0][:, 0] if found.ndim > 1 else columns[0]
    design = np.column_stack([of_ngrams, starter, np.ones(len(TEXTS))])
    weights, *_ = np.linalg.lstsq(design, last - first, rcond=None)
    assert design @ weights == pytest.approx(last - first, abs=1e-3)
    assert weights[1] > 0.1
    files = regression.save(tmp_path)
    assert "starter.npz" in files
    again = NgramRegression.load(tmp_path)
    assert np.array_equal(again.logits(again.features(TEXTS, TOKENS)), found)


def test_the_starter_knows_words_that_the_labels_do_not_have() -> None:
    regression, _ = joined(BINARY, LABELS)
    alone = NgramRegression.fit(TEXTS, LABELS, tokens=TOKENS)
    new = ["너무 재미없고 지루함", "감동적이고 재밌다"]
    tokens = [text.split() for text in new]
    apart = [np.ptp(one.logits(one.features(new, tokens))) for one in (regression, alone)]
    assert apart[0] > 2 * apart[1]


@pytest.mark.parametrize("target", [BINARY, Three()])
def test_the_joined_logit_is_linear_in_what_the_starter_taught(target: Target) -> None:
    labels = LABELS * (target.link.outputs > 1) + LABELS
    if target.link.outputs > 1:
        labels[3::8] = labels[7::8] = 1
    folds = fold_numbers(TEXTS, [target.group(label) for label in labels])
    alone, held_out = cross_fit(target, labels)
    own, features = Starter.load().logits(TEXTS), alone.features(TEXTS, TOKENS)
    known = alone.ngrams.transform(TEXTS, TOKENS)
    learnt = self_train(known, own, folds)
    taught = (own + known @ learnt.weights + learnt.intercept) / 2
    regression, _ = join_wide(
        alone, held_out, TEXTS, labels, target, starter=Starter.load(), learnt=learnt
    )
    differences = [
        one[:, -1] - one[:, 0] if one.ndim > 1 else one
        for one in (
            regression.logits(regression.features(TEXTS, TOKENS)),
            alone.logits(features),
        )
    ]
    design = np.column_stack([differences[1], taught, np.ones(len(TEXTS))])
    weights, *_ = np.linalg.lstsq(design, differences[0], rcond=None)
    assert design @ weights == pytest.approx(differences[0], abs=1e-3)
    assert weights[1] > 0.1


@pytest.mark.parametrize("starter", [None, Starter.load()])
@pytest.mark.parametrize("target", [BINARY, Three()])
def test_naive_bayes_is_part_of_the_coefficients(target: Target, starter: Starter | None) -> None:
    labels = LABELS * (target.link.outputs > 1) + LABELS
    if target.link.outputs > 1:
        labels[3::8] = labels[7::8] = 1
    folds = fold_numbers(TEXTS, [target.group(label) for label in labels])
    alone, held_out = cross_fit(target, labels)
    features = alone.features(TEXTS, TOKENS)
    bayes = naive_bayes.cross_fit(features.matrix, labels, np.ones(len(labels)), folds, target, 1.0)
    regression, logits = join_wide(
        alone, held_out, TEXTS, labels, target, starter=starter, bayes=bayes
    )
    assert logits.shape == held_out.shape
    columns = [alone.logits(features), features.matrix @ bayes.coefficients]
    found = regression.logits(regression.features(TEXTS, TOKENS))
    differences = [one[:, -1] - one[:, 0] if one.ndim > 1 else one for one in (found, *columns)]
    of_starter = [] if starter is None else [starter.logits(TEXTS)]
    design = np.column_stack([*differences[1:], *of_starter, np.ones(len(TEXTS))])
    weights, *_ = np.linalg.lstsq(design, differences[0], rcond=None)
    assert design @ weights == pytest.approx(differences[0], abs=1e-3)
    assert abs(weights[1]) > 0.01


def test_held_out_logits_do_not_know_the_labels_of_their_fold() -> None:
    folds = fold_numbers(TEXTS, LABELS.astype(int).tolist())
    turned = np.where(folds == 0, 1 - LABELS, LABELS).astype(np.float32)
    before, after = (
        NgramRegression.cross_fit(folds, TEXTS, labels, tokens=TOKENS)[0][1]
        for labels in (LABELS, turned)
    )
    assert np.allclose(before[folds == 0], after[folds == 0])
    assert not np.allclose(before[folds == 1], after[folds == 1])


def test_contributions_with_the_starter_add_up_to_the_logit() -> None:
    regression, _ = joined(BINARY, LABELS)
    weights = regression.coefficients.astype(np.float64)
    found = regression.logits(regression.features(TEXTS[:8], TOKENS[:8]))
    constant = regression.intercept + weights[-1] * Starter.load().intercept
    parts = contributions(regression, weights, TEXTS[:8], TOKENS[:8])
    sums = [own.sum() + rest + constant for own, rest in parts]
    assert sums == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize("outputs", [(), (3,)])
def test_all_held_out_logits_get_the_scale_of_the_joined(outputs: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    of_wide = random.normal(2, 2, (400, *outputs))
    shift, slope = random.normal(0, 1, outputs), random.uniform(0.8, 1.3, outputs)
    of_both = shift + slope * of_wide + random.normal(0, 0.2, of_wide.shape)
    found = as_joined(of_wide, of_both[-40:])
    np.testing.assert_array_equal(found[-40:], of_both[-40:])
    assert np.abs(found - of_both).mean() < 0.25
    np.testing.assert_allclose(as_joined(of_wide, of_wide[-40:]), of_wide)
    np.testing.assert_array_equal(as_joined(of_wide[-40:], of_both[-40:]), of_both[-40:])


def test_a_rare_class_is_found_where_the_network_always_says_the_frequent_one() -> None:
    random = np.random.default_rng(1)
    labels = (random.random(2000) > 0.05).astype(np.float32)
    of_wide = random.normal(np.where(labels, 4, 0), 1.5)
    of_both = of_wide + 0.9  # the network's logit is nearly the same for all
    link = BINARY.link

    def recall(held_out: np.ndarray) -> float:
        target = thresholds.choose(BINARY, labels[:1000], link.probabilities(held_out))
        assert isinstance(target, Binary)
        found = link.probabilities(of_both[1000:]) < target.threshold
        return float(found[labels[1000:] == 0].mean())

    mixed = np.concatenate([of_wide[:900], of_both[900:1000]])
    assert recall(as_joined(of_wide[:1000], of_both[900:1000])) > recall(mixed) + 0.05


def test_an_lstm_of_few_examples_gets_little_weight_whatever_the_validation_split_says() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 150).astype(np.float32)
    of_deep, of_wide = (scale * (2 * labels - 1 + random.normal(0, 1, 150)) for scale in (3.0, 1.0))
    few, pretrained = (
        weigh(of_deep, of_wide, labels, prior=prior_for(1_500, is_pretrained=given))
        for given in (False, True)
    )
    assert 0 < few.deep < 0.15 < pretrained.deep


def test_many_examples_need_no_pretraining_for_their_weight() -> None:
    assert prior_for(FEW, is_pretrained=False) == prior_for(1_500, is_pretrained=True)
    assert prior_for(FEW - 1, is_pretrained=False) != prior_for(FEW, is_pretrained=False)
