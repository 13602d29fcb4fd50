import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from pipeline.model.inference import load_model, probabilities
from pipeline.prepare.sequences import Labelled, Sequences
from pipeline.prepare.vocabulary import UNKNOWN
from pipeline.settings import ModelSettings, TrainSettings
from pipeline.target.binary import BINARY
from pipeline.train.stacking import LSTM_AND_WIDE, join_weights
from pipeline.train.train import WORD_DROPOUT, save_model, schedule, train

KINDS: tuple[Literal["functional", "sequential"], ...] = ("functional", "sequential")


def rows(lengths: list[int], seed: int = 1) -> Sequences:
    random = np.random.default_rng(seed)
    flat = random.integers(1, 50, sum(lengths)).astype(np.int32)
    return Sequences(flat, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def learnable(count: int, seed: int) -> Labelled:
    """Sequences that are positive if they contain token 2."""
    random = np.random.default_rng(seed)
    sequences = rows(random.integers(1, 12, count).tolist(), seed)
    labels = [
        int(2 in sequences.flat[a:b])
        for a, b in zip(sequences.offsets, sequences.offsets[1:], strict=False)
    ]
    return sequences, np.array(labels, np.float32)


def settings(kind: Literal["functional", "sequential"]) -> ModelSettings:
    return ModelSettings(kind=kind, embedding_size=8, lstm_units=8, dropout=0.1, word_dropout=0)


@pytest.mark.parametrize("kind", KINDS)
def test_training_is_reproducible_and_the_model_survives_saving(
    tmp_path: Path, kind: Literal["functional", "sequential"]
) -> None:
    training, validation = learnable(300, 1), learnable(200, 2)

    def once() -> tuple[np.ndarray, int, dict[str, object]]:
        model, details = train(
            training,
            validation,
            vocabulary_size=50,
            model=settings(kind),
            settings=TrainSettings(epochs=8, batch_size=32, learning_rate=0.05),
        )
        save_model(model, tmp_path / "model.keras")
        with zipfile.ZipFile(tmp_path / "model.keras") as archive:
            weights = archive.getinfo("model.weights.h5").CRC
        return probabilities(model, validation[0]), weights, details

    first, weights, details = once()
    second, weights_again, _ = once()
    assert np.array_equal(first, second)
    assert weights == weights_again
    assert np.mean((first >= 0.5) == validation[1]) > 0.9
    loaded = load_model(tmp_path / "model.keras")
    assert np.array_equal(probabilities(loaded, validation[0]), first)
    history = details["history"]
    assert isinstance(history, dict)
    assert len(history["loss"]) == len(history["val_accuracy"])


def test_a_deeply_nested_configuration_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", "[" * 99_999)
    with pytest.raises(ValueError, match="nested more than 100 levels"):
        load_model(tmp_path / "model.keras")


def test_word_dropout_defaults_to_networks_without_pretraining(tmp_path: Path) -> None:
    layers = {"embedding": np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32)}
    for is_pretrained, word_dropout, expected in (
        (True, None, 0),
        (False, None, WORD_DROPOUT),
        (True, 0.3, 0.3),
    ):
        model, _ = train(
            learnable(20, 1),
            learnable(20, 2),
            vocabulary_size=50,
            model=settings("functional").model_copy(update={"word_dropout": word_dropout}),
            settings=TrainSettings(epochs=1, batch_size=32),
            pretrained=layers if is_pretrained else None,
            checkpoint=tmp_path / f"{expected > 0}.npz",  # so that the last case trains no further
        )
        assert model.get_layer("dropout").rate == expected


def test_word_dropout_hides_words_in_training() -> None:
    import keras

    from pipeline.model.network import EMBEDDING, build

    hiding = settings("functional").model_copy(update={"word_dropout": 0.5})
    model = build(hiding, vocabulary_size=50, prior=[0.8], seed=1)
    tokens = np.full((1, 200), 7, np.int32)
    seen = keras.Model(model.input, model.get_layer(EMBEDDING).input)
    assert np.array_equal(seen(tokens, training=False), tokens)
    assert 60 < np.sum(seen(tokens, training=True) == UNKNOWN) < 140


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_network(kind: Literal["functional", "sequential"]) -> None:
    from pipeline.model.network import build

    first, again, other = (
        build(settings(kind), vocabulary_size=50, prior=[0.8], seed=seed).variables
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(first, other, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_probability_does_not_depend_on_the_batch(
    kind: Literal["functional", "sequential"],
) -> None:
    from pipeline.model.network import build

    model = build(settings(kind), vocabulary_size=50, prior=[0.8], seed=1)
    sequences = rows([1, 30, 4])
    together = model(sequences.padded(np.arange(3)), training=False).numpy()[:, 0]
    alone = [
        model(sequences.padded(np.array([row])), training=False).numpy()[0, 0] for row in range(3)
    ]
    assert together == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_an_untrained_network_of_three_outputs_predicts_their_prior(
    kind: Literal["functional", "sequential"],
) -> None:
    from pipeline.model.network import build

    shares = [0.2, 0.1, 0.7]
    model = build(
        settings(kind),
        vocabulary_size=50,
        prior=np.log(shares).tolist(),
        seed=1,
        activation="softmax",
    )
    assert probabilities(model, rows([3, 5]))[1] == pytest.approx(shares, abs=0.1)


def test_the_schedule_follows_the_number_of_examples() -> None:
    assert schedule(135_000, TrainSettings()) == (256, 3)
    assert schedule(800, TrainSettings()) == (16, 12)
    assert schedule(800, TrainSettings(epochs=3, batch_size=64)) == (64, 3)


def test_stacking_weights_stay_near_the_prior_with_few_examples() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 20_000).astype(np.float32)
    deep, wide = (
        share * (2 * labels - 1) + random.normal(size=len(labels)) for share in (1.0, 0.5)
    )
    weights = [
        join_weights(
            [deep[:rows], wide[:rows]], labels[:rows], np.ones(rows), BINARY.link, LSTM_AND_WIDE
        )[0]
        for rows in (0, 20, len(labels))
    ]
    assert weights[0] == LSTM_AND_WIDE.weights
    assert LSTM_AND_WIDE.weights[0] < weights[1][0] < 1
    assert weights[2] == pytest.approx((2, 1), abs=0.1)
