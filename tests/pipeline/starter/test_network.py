"""The starter's network."""

import numpy as np
import pytest

from pipeline.model import network
from pipeline.prepare.vocabulary import UNKNOWN
from pipeline.runtime import seed_backend
from pipeline.settings import ModelSettings
from pipeline.stages.build_starter_network import of_keras
from pipeline.starter.network import STORED, StarterNetwork
from pipeline.starter.pieces import FIRST, MOST_PIECES, Pieces

PIECES = Pieces(["정말", "정", "말", "재미", "없", "없어요", "요", "!"])
TEXTS = ["정말재미없어요!", "말", "", "재미있어요", "요!" * 200, "정" * 300, "İİ정말İ"]


@pytest.fixture(scope="module")
def trained() -> tuple[StarterNetwork, list[float]]:
    """A network of random weights, and what Keras answers with the same weights."""
    seed_backend(1)
    settings = ModelSettings(embedding_size=5, lstm_units=3)
    model = network.build(settings, vocabulary_size=len(PIECES), prior=[0.7], seed=1)
    for layer in model.layers:
        layer.set_weights([one.astype(STORED).astype(np.float32) for one in layer.get_weights()])
    answers = []
    for text in TEXTS:
        numbers = PIECES.numbers(PIECES.cut(text))
        if not len(numbers):
            answers.append(0.0)
            continue
        probability = float(np.asarray(model(numbers[None], training=False))[0, 0])
        answers.append(float(np.log(probability / (1 - probability))))
    return of_keras(model, PIECES), answers


def test_the_longest_known_piece_is_cut_off_first() -> None:
    assert PIECES.cut("정말재미없어요") == ["정말", "재미", "없어요"]
    assert PIECES.cut("정재미말없다") == ["정", "재미", "말", "없", "다"]
    assert PIECES.numbers(PIECES.cut("정다")).tolist() == [FIRST + 1, UNKNOWN]
    assert len(PIECES.cut("가" * 1_000)) == MOST_PIECES


def test_numpy_answers_as_keras_does(trained: tuple[StarterNetwork, list[float]]) -> None:
    own, answers = trained
    for text, logit, answer in zip(TEXTS, own.logits(TEXTS), answers, strict=True):
        assert logit == pytest.approx(answer if text else own.intercept, abs=1e-5)


def test_an_answer_does_not_depend_on_the_other_texts(
    trained: tuple[StarterNetwork, list[float]],
) -> None:
    own, _ = trained
    many = TEXTS * 100
    assert np.allclose(own.logits(many), np.tile(own.logits(TEXTS), 100), atol=1e-6)
    assert own.logits([]).shape == (0,)


@pytest.mark.parametrize("text", TEXTS)
def test_contributions_add_up(text: str, trained: tuple[StarterNetwork, list[float]]) -> None:
    own, _ = trained
    parts = own.contributions([text])
    assert parts.shape == (len(text),)
    assert own.intercept + parts.sum() == pytest.approx(own.logits([text])[0], abs=1e-5)


def test_contributions_do_not_depend_on_the_other_texts(
    trained: tuple[StarterNetwork, list[float]],
) -> None:
    own, _ = trained
    texts = [text for text in TEXTS if len(text) < 50]  # states of repeats become equal
    alone = np.concatenate([own.contributions([text]) for text in texts])
    assert np.allclose(own.contributions(texts * 200), np.tile(alone, 200), atol=1e-6)
    assert own.contributions([]).shape == (0,)


def test_arrays_make_the_same_network(trained: tuple[StarterNetwork, list[float]]) -> None:
    own, _ = trained
    again = StarterNetwork.of_arrays(own.arrays())
    assert np.array_equal(again.logits(TEXTS), own.logits(TEXTS))
    assert all(one.dtype != object for one in own.arrays().values())
