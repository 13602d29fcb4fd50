from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.special import logit

from pipeline.model.inference import load_model, probabilities
from pipeline.model.ngram_features import LONGEST_TEXT, NgramFeatures
from pipeline.model.ngrams import Neutral, NgramRegression
from pipeline.prepare.sequences import Sequences
from pipeline.settings import ModelSettings
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.train.stacking import join
from pipeline.train.train import save_model

GOOD = ["교통이 편해요", "조용하고 좋아요", "관리가 잘 돼요", "살기 좋아요 편해요"]
BAD = ["주차가 불편해요", "시끄럽고 싫어요", "관리가 안 돼요", "살기 싫어요 불편해요"]
TEXTS, LABELS = GOOD + BAD, [1] * 4 + [0] * 4
TOKENS = [text.split() for text in TEXTS]


@pytest.fixture(scope="module")
def regression() -> NgramRegression:
    return NgramRegression.fit(TEXTS, LABELS)


def test_logits_equal_scikit_learn(regression: NgramRegression) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    notebook = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True),
        LogisticRegression(C=4),
    ).fit(TEXTS, LABELS)
    new = [*TEXTS, "편하고 좋은데 주차가 안 돼요", "xyz", ""]
    found = regression.logits(regression.features(new))
    assert found == pytest.approx(notebook.decision_function(new), abs=1e-4)


def test_a_regression_round_trips_through_files(
    regression: NgramRegression, tmp_path: Path
) -> None:
    regression.save(tmp_path)
    loaded = NgramRegression.load(tmp_path)
    before, after = (one.logits(one.features(TEXTS)) for one in (regression, loaded))
    assert np.array_equal(before, after)
    assert len(loaded) == len(regression)
    assert [path.name for path in tmp_path.iterdir()] == ["ngrams.npz"]
    assert loaded.logits(loaded.features([])).shape == (0,)


@pytest.mark.parametrize("target", [BINARY, Three(), Score(lowest=1, highest=5)])
def test_the_first_regression_ignores_later_labels(target: Target) -> None:
    texts = [*TEXTS, *NEUTRAL, *TEXTS, *NEUTRAL]
    tokens = [text.split() for text in texts]
    values = [2, 0, 1] if target.link.outputs > 1 else [1, 0, 0 if target == BINARY else 0.5]
    labels = np.tile(np.repeat(values, 4), 2)
    fits = [(12, None), (24, None)]
    first, both = NgramRegression.fit_several(fits, texts, labels, target, tokens)
    other = np.concatenate([labels[:12], labels[12:][::-1]])
    same, _ = NgramRegression.fit_several(fits, texts, other, target, tokens)
    assert np.array_equal(first.coefficients, same.coefficients)
    assert not np.allclose(first.coefficients, both.coefficients, atol=1e-3)
    features = both.features(texts, tokens)
    right = target.each(labels, target.link.probabilities(both.logits(features)))
    assert right.mean() == 1 if target.each_metric == "accuracy" else right.mean() < 0.8


def test_padded_features_equal_the_rows(regression: NgramRegression) -> None:
    features = regression.features(["좋아요", "", "xyz 주차가 불편해요"])
    ngrams, weights = features.padded(np.array([2, 0, 1]))
    dense = np.zeros((3, len(regression)), np.float32)
    for row in range(3):
        np.add.at(dense[row], ngrams[row], weights[row])
    assert np.allclose(dense, features.matrix.toarray()[[2, 0, 1]])
    assert features.padded(np.array([1]))[0].shape == (1, 1)


def test_features_stand_side_by_side() -> None:
    random = np.random.default_rng(0)
    dense = [random.random((5, width)) * (random.random((5, width)) < 0.4) for width in (3, 0, 4)]
    dense[0][2] = dense[2][2] = 0
    matrices = [sparse.csr_matrix(one.astype(np.float32)) for one in dense]
    column = np.arange(5, dtype=np.float32)
    parts = [*map(NgramFeatures.of, matrices), NgramFeatures.one_each(column)]
    expected = np.hstack([*(one.toarray() for one in matrices), column[:, None]])
    assert np.array_equal(NgramFeatures.beside(parts).matrix.toarray(), expected)
    without_texts = NgramFeatures.beside([NgramFeatures.of(one[:0]) for one in matrices])
    assert without_texts.matrix.shape == (0, 7)


def test_long_texts_are_truncated(regression: NgramRegression) -> None:
    long = "좋아요 " * LONGEST_TEXT
    assert regression.features([long]).matrix.nnz == regression.features([long * 2]).matrix.nnz


def test_token_ngrams_are_added_to_character_ngrams(tmp_path: Path) -> None:
    regression = NgramRegression.fit(TEXTS, LABELS, tokens=TOKENS)
    found = regression.ngrams.token_places([["살기", "좋아요"]])
    assert found.sizes.tolist() == [1, 1], "both words, but the pair is in one text only"
    assert len(regression.ngrams.character_places(["좋아요"]).sizes) == 6
    assert (
        regression.features(["관리"], [["좋아요"]]).matrix.nnz
        == 1 + regression.features(["관리"], [[]]).matrix.nnz
    )
    regression.save(tmp_path)
    loaded = NgramRegression.load(tmp_path)
    before, after = (one.logits(one.features(TEXTS, TOKENS)) for one in (regression, loaded))
    assert np.array_equal(before, after)


def test_ngrams_of_jamo_know_other_forms_of_a_stem(tmp_path: Path) -> None:
    folds = np.arange(8) % 2
    (regression, _), (plain, _) = (
        NgramRegression.cross_fit(folds, TEXTS, LABELS, tokens=TOKENS, with_jamo=has)[0]
        for has in (True, False)
    )
    apart = [
        np.ptp(one.logits(one.features(["시렀음", "조앗음"], [["시렀음"], ["조앗음"]])))
        for one in (regression, plain)
    ]
    assert apart[0] > apart[1] + 0.1
    regression.save(tmp_path)
    loaded = NgramRegression.load(tmp_path)
    before, after = (one.logits(one.features(TEXTS, TOKENS)) for one in (regression, loaded))
    assert np.array_equal(before, after)
    assert (before > 0).tolist() == [label == 1 for label in LABELS]


def test_neutral_texts_make_their_words_less_positive() -> None:
    folds = np.arange(8) % 2
    neutral = ["그럭저럭 지낼 만해요", "그럭저럭 괜찮은 편"]
    tokens = [*TOKENS, *(text.split() for text in neutral)]
    texts, own = ["그럭저럭"], [["그럭저럭"]]
    ((aware, held_out),) = NgramRegression.cross_fit(
        folds, TEXTS, LABELS, tokens=tokens, neutral=Neutral(neutral, np.array([0.5, 0.5]))
    )
    ((nearly_unaware, _),) = NgramRegression.cross_fit(
        folds, TEXTS, LABELS, tokens=tokens, neutral=Neutral(neutral, np.array([0.9, 0.9]))
    )
    ((unaware, _),) = NgramRegression.cross_fit(
        folds, TEXTS, LABELS, tokens=tokens, unlabeled=neutral
    )
    found, nearly, before = (
        one.logits(one.features(texts, own))[0] for one in (aware, nearly_unaware, unaware)
    )
    assert found < nearly < before
    assert held_out.shape == (8,), "neutral texts are not held out"


NEUTRAL = ["그냥 그래요", "보통이에요", "그냥 보통이에요", "그저 그래요"]


def test_logits_of_three_classes_equal_scikit_learn(tmp_path: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = TEXTS + NEUTRAL, [2] * 4 + [0] * 4 + [1] * 4
    notebook = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True),
        LogisticRegression(C=4),
    ).fit(texts, labels)
    regression = NgramRegression.fit(texts, labels, Three())
    found = regression.logits(regression.features(texts))
    assert found == pytest.approx(notebook.decision_function(texts), abs=1e-3)
    regression.save(tmp_path)
    loaded = NgramRegression.load(tmp_path)
    assert np.array_equal(loaded.logits(loaded.features(texts)), found)


def test_a_regression_on_ratings_separates_high_from_low_and_keeps_their_mean() -> None:
    texts, target = TEXTS + NEUTRAL, Score(lowest=1, highest=5)
    labels = np.repeat([0.9, 0.1, 0.5], 4)
    regression = NgramRegression.fit(texts, labels, target)
    found = target.link.probabilities(regression.logits(regression.features(texts)))
    good, bad, between = found.reshape(3, 4).mean(axis=1)
    assert bad < 0.4 < between < 0.6 < good
    assert found.mean() == pytest.approx(0.5, abs=0.01)


def test_ratings_at_the_ends_of_the_scale_are_two_classes(regression: NgramRegression) -> None:
    same = NgramRegression.fit(TEXTS, LABELS, Score(lowest=0, highest=1))
    assert same.coefficients == pytest.approx(regression.coefficients, abs=1e-3)


def test_the_joined_model_of_three_classes_adds_the_logits_of_both_branches() -> None:
    from pipeline.model.network import build

    texts, target = TEXTS + NEUTRAL, Three()
    labels = np.repeat([2, 0, 1], 4).astype(np.float32)
    regression = NgramRegression.fit(texts, labels, target)
    deep = build(
        ModelSettings(embedding_size=4, lstm_units=4),
        vocabulary_size=30,
        prior=[-1, 0, 1],
        seed=1,
        activation="softmax",
    )
    sequences = Sequences(np.arange(2, 26, dtype=np.int32), np.arange(0, 25, 2))
    features = regression.features(texts)
    logits = regression.logits(features)
    model, weights, _ = join(deep, regression, logits, (sequences, labels), target)
    found = target.link.logits(probabilities(model, sequences, features))
    branches = weights["deep"] * target.link.logits(probabilities(deep, sequences))
    branches += weights["wide"] * regression.logits(features)
    biases = found - branches - (found - branches)[:, :1]
    assert np.ptp(biases, axis=0) == pytest.approx([0, 0, 0], abs=1e-4)


def test_the_joined_model_adds_the_logits_of_both_branches(
    regression: NgramRegression, tmp_path: Path
) -> None:
    from pipeline.model.network import build

    deep = build(
        ModelSettings(embedding_size=4, lstm_units=4),
        vocabulary_size=20,
        prior=[0.4],
        seed=1,
    )
    sequences = Sequences(np.arange(2, 18, dtype=np.int32), np.arange(0, 17, 2))
    validation = sequences, np.array(LABELS, np.float32)
    features = regression.features(TEXTS)
    model, weights, _ = join(deep, regression, regression.logits(features), validation)
    found = logit(probabilities(model, sequences, features))
    deep_logits = logit(probabilities(deep, sequences))
    branches = weights["deep"] * deep_logits + weights["wide"] * regression.logits(features)
    assert np.ptp(found - branches) < 1e-4
    assert weights["wide"] > 0
    save_model(model, tmp_path / "model.keras")
    loaded = probabilities(load_model(tmp_path / "model.keras"), sequences, features)
    assert logit(loaded) == pytest.approx(found, abs=1e-5)
