from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from pipeline.dataset import Sequences
from pipeline.ngrams import LONGEST_TEXT, NgramRegression
from pipeline.predict import load_model, probabilities
from pipeline.settings import ModelSettings
from pipeline.train import join, save_model

GOOD = ["교통이 편해요", "조용하고 좋아요", "관리가 잘 돼요", "살기 좋아요 편해요"]
BAD = ["주차가 불편해요", "시끄럽고 싫어요", "관리가 안 돼요", "살기 싫어요 불편해요"]
TEXTS, LABELS = GOOD + BAD, [1] * 4 + [0] * 4


@pytest.fixture(scope="module")
def regression() -> NgramRegression:
    return NgramRegression.fit(TEXTS, LABELS)


def test_logits_are_those_of_scikit_learn(regression: NgramRegression) -> None:
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


def test_a_regression_comes_back(regression: NgramRegression, tmp_path: Path) -> None:
    regression.save(tmp_path)
    loaded = NgramRegression.load(tmp_path)
    before, after = (one.logits(one.features(TEXTS)) for one in (regression, loaded))
    assert np.array_equal(before, after)
    assert len(loaded) == len(regression)
    assert loaded.logits(loaded.features([])).shape == (0,)


def test_padded_features_are_those_of_the_rows(regression: NgramRegression) -> None:
    features = regression.features(["좋아요", "", "xyz 주차가 불편해요"])
    ngrams, weights = features.padded(np.array([2, 0, 1]))
    dense = np.zeros((3, len(regression)), np.float32)
    for row in range(3):
        np.add.at(dense[row], ngrams[row], weights[row])
    assert np.allclose(dense, features.matrix.toarray()[[2, 0, 1]])
    assert features.padded(np.array([1]))[0].shape == (1, 1)


def test_a_long_text_is_read_up_to_a_limit(regression: NgramRegression) -> None:
    long = "좋아요 " * LONGEST_TEXT
    assert regression.features([long]).matrix.nnz == regression.features([long * 2]).matrix.nnz


def test_the_joined_model_adds_the_logits_of_both_branches(
    regression: NgramRegression, tmp_path: Path
) -> None:
    from pipeline.model import build

    deep = build(
        ModelSettings(embedding_size=4, lstm_units=4),
        vocabulary_size=20,
        positive_share=0.6,
        seed=1,
    )
    sequences = Sequences(np.arange(2, 18, dtype=np.int32), np.arange(0, 17, 2))
    validation = sequences, np.array(LABELS, np.int8)
    model, weights = join(deep, regression, regression, validation, TEXTS)
    features = regression.features(TEXTS)
    found = logit(probabilities(model, sequences, features))
    deep_logits = logit(probabilities(deep, sequences))
    branches = weights["deep"] * deep_logits + weights["wide"] * regression.logits(features)
    assert np.ptp(found - branches) < 1e-4
    assert weights["wide"] > 0
    save_model(model, tmp_path / "model.keras")
    loaded = probabilities(load_model(tmp_path / "model.keras"), sequences, features)
    assert logit(loaded) == pytest.approx(found, abs=1e-5)
