"""The training loop."""

import contextlib
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.arrays import Labels
from pipeline.errors import RunError
from pipeline.model.calibration import calibrated_loss
from pipeline.model.inference import probabilities
from pipeline.prepare.sequences import Sequences
from pipeline.settings import ModelSettings, TrainSettings
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.train.stacking import joined_loss
from pipeline.train.train import train

SIZES = ModelSettings(kind="sequential", embedding_size=8, lstm_units=8)
VOCABULARY = 40


def labelled(rows: int, seed: int) -> tuple[Sequences, Any]:
    """Texts of 1 to 9 tokens, even ids in positive texts and odd ids in negative ones."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 10, rows)
    labels = random.integers(0, 2, rows).astype(np.float32)
    flat = 2 * random.integers(1, VOCABULARY // 2, lengths.sum()) + np.repeat(1 - labels, lengths)
    return Sequences(flat.astype(np.int32), np.concatenate([[0], np.cumsum(lengths)])), labels


def fit(
    checkpoint: Path | None = None,
    target: Target = BINARY,
    relabel: Callable[[Labels], Labels] = lambda labels: labels,
    model: ModelSettings = SIZES,
    **settings: Any,
) -> tuple[list[Any], dict[str, Any]]:
    (training, labels), (validation, known) = labelled(200, 1), labelled(60, 2)
    built, details = train(
        (training, relabel(labels)),
        (validation, relabel(known)),
        vocabulary_size=VOCABULARY,
        model=model,
        settings=TrainSettings(batch_size=32, **{"epochs": 4, "patience": 9, **settings}),
        target=target,
        checkpoint=checkpoint,
    )
    return built.get_weights(), details


@pytest.fixture(scope="module")
def trained() -> tuple[list[Any], dict[str, Any]]:
    return fit(epochs=8)


def test_it_learns(trained: tuple[list[Any], dict[str, Any]]) -> None:
    _, details = trained
    history = details["history"]
    assert history["val_accuracy"][-1] > 0.9
    assert {len(values) for values in history.values()} == {8}


def test_it_learns_three_classes() -> None:
    random = np.random.default_rng(1)

    def with_a_third(labels: Labels) -> Labels:
        return np.where(random.random(len(labels)) < 0.05, 1, 2 * labels).astype(np.float32)

    _, details = fit(target=Three(), relabel=with_a_third, epochs=8)
    assert details["history"]["val_accuracy"][-1] > 0.8


def test_it_learns_ratings_with_errors_on_their_scale() -> None:
    def as_ratings(labels: Labels) -> Labels:
        return ((1 + 2 * labels) / 4).astype(np.float32)  # 2 and 4 of 1 to 5

    _, details = fit(
        target=Score(lowest=1, highest=5), relabel=as_ratings, epochs=8, learning_rate=0.02
    )
    errors = details["history"]["val_mean_absolute_error"]
    assert errors[0] > 0.5
    assert errors[-1] < 0.3


@pytest.mark.parametrize("few", [200, 201])
def test_the_best_epoch_is_that_of_the_joined_model(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.train.train.FEW", few)
    validation, known = labelled(1_200, 2)
    of_wide = np.random.default_rng(3).normal(2 * known - 1)
    built, details = train(
        labelled(200, 1),
        (validation, known),
        vocabulary_size=VOCABULARY,
        model=SIZES,
        settings=TrainSettings(batch_size=32, epochs=3),
        to_join=of_wide,
    )
    logits, ones = BINARY.link.logits(probabilities(built, validation)), np.ones(1_200)
    expected = {
        200: joined_loss(logits, of_wide, known, ones, BINARY.link),
        201: calibrated_loss(logits, known, ones, BINARY.link),
    }
    assert expected[200] < expected[201]
    assert min(details["history"]["val_loss"]) == pytest.approx(expected[few], abs=1e-4)


def test_class_weights_raise_the_prior_of_a_rare_class() -> None:
    def rare(labels: Labels) -> Labels:
        hidden = np.random.default_rng(1).random(len(labels)) < 0.9
        return np.where(hidden, 0, labels).astype(np.float32)

    biases = [
        fit(relabel=rare, epochs=1, learning_rate=1e-6, class_weights=weights)[0][-1]
        for weights in (None, "balanced")
    ]
    assert biases[0] < -2
    assert biases[1] == pytest.approx(0, abs=1e-3)


def test_resuming_from_a_checkpoint_equals_uninterrupted_training(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trained: tuple[list[Any], dict[str, Any]],
) -> None:
    from pipeline.train.train_loop import Fit

    uninterrupted, details = trained
    save = Fit.save

    def save_then_die(self: Fit, path: Path) -> None:
        save(self, path)
        if self.epochs == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Fit, "save", save_then_die)
        fit(tmp_path / "checkpoint.npz", epochs=8)
    resumed, again = fit(tmp_path / "checkpoint.npz", epochs=8)
    assert all(np.array_equal(*pair) for pair in zip(uninterrupted, resumed, strict=True))
    assert (again | {"samples_per_second": 0}) == (details | {"samples_per_second": 0})


def test_early_stopping_keeps_the_best_epoch(tmp_path: Path) -> None:
    _, details = fit(epochs=60, learning_rate=0.1, patience=2)
    losses = details["history"]["val_loss"]
    assert len(losses) == details["best_epoch"] + 2 < 60
    assert min(losses) == losses[details["best_epoch"] - 1]


def test_a_deadline_stops_training() -> None:
    _, details = fit(epochs=100_000, patience=100_000, deadline_minutes=1 / 60)
    assert not details["in_time"]
    assert len(details["history"]["val_loss"]) < 100_000


def test_a_nan_loss_is_an_error_and_keeps_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.train.train_loop import Fit

    save = Fit.save

    def save_then_set_nan(self: Fit, path: Path) -> None:
        save(self, path)
        self.network.set_weights([np.full_like(one, np.nan) for one in self.network.get_weights()])

    monkeypatch.setattr(Fit, "save", save_then_set_nan)
    with pytest.raises(RunError, match=r"epoch 2 .* decrease train\.learning_rate"):
        fit(tmp_path / "checkpoint.npz")
    assert (tmp_path / "checkpoint.npz").exists()


def test_lazy_adam_equals_adam_on_the_rows_of_the_batch() -> None:
    import keras
    import tensorflow as tf

    from pipeline.train.optimizer import lazy_adam

    lazy_variable, variable = (keras.Variable(np.ones((4, 2), np.float32)) for _ in range(2))
    lazy, adam = lazy_adam(0.1), keras.optimizers.Adam(0.1)
    lazy.build([lazy_variable])
    adam.build([variable])
    values = np.array([[1.0, -2.0], [0.5, 3.0]], np.float32)
    for _ in range(3):
        lazy.apply([tf.IndexedSlices(tf.constant(values), tf.constant([2, 0]), (4, 2))])
        dense = np.zeros((4, 2), np.float32)
        dense[[2, 0]] = values
        adam.apply([tf.constant(dense)])
    assert np.allclose(lazy_variable, variable, atol=1e-6)
    assert np.array_equal(lazy_variable[1], [1, 1])


@contextlib.contextmanager
def memory_limited_to(further: int) -> Iterator[None]:
    """Limit the address space of this process to ``further`` bytes more than it has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + further
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_running_out_of_memory_is_an_error_and_keeps_the_checkpoint(
    tmp_path: Path,
) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    wide = SIZES.model_copy(update={"embedding_size": 1024})
    fit(checkpoint, model=wide, epochs=1)
    kept = checkpoint.read_bytes()
    rows, length = 8, 200_000
    long = Sequences(np.full(rows * length, 2, np.int32), np.arange(rows + 1) * length)
    with (
        memory_limited_to(4 << 30),
        pytest.raises(RunError, match=r"8 sequences of 200000 tokens in epoch 2: decrease train\."),
    ):
        train(
            (long, np.arange(rows, dtype=np.float32) % 2),
            labelled(60, 2),
            vocabulary_size=VOCABULARY,
            model=wide,
            settings=TrainSettings(batch_size=8, epochs=2),
            checkpoint=checkpoint,
        )
    assert checkpoint.read_bytes() == kept
