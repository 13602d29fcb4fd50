"""Mixed precision of LSTMs in training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.model import network
from pipeline.runtime import load_backend
from pipeline.settings import ModelSettings
from pipeline.target.binary import BINARY
from pipeline.train import mixed_precision
from pipeline.train.mixed_precision import MIN_BATCH_SIZE, MIN_UNITS
from pipeline.train.optimizer import lazy_adam
from pipeline.train.train_loop import Fit

VOCABULARY, EMBEDDING = 30, 8


@pytest.fixture(autouse=True)
def has_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """The products are as on a processor with such instructions, only slower."""
    load_backend()
    monkeypatch.setattr(mixed_precision, "has_bfloat16", lambda: True)


def lstm(units: int) -> Any:
    import keras

    built = keras.layers.LSTM(units, seed=1)
    built.build((None, None, EMBEDDING))
    return built


def types_of(units: int, batch_size: int) -> tuple[str, str]:
    """Types of the states in the block and after it."""
    one, texts = lstm(units), np.ones((2, 3, EMBEDDING), np.float32)
    with mixed_precision.mixed_precision([one], batch_size):
        inside = one(texts)
    assert {weights.dtype for weights in one.weights} == {"float32"}
    return inside.dtype.name, one(texts).dtype.name


def test_large_lstms_compute_in_bfloat16_only_in_the_block() -> None:
    assert types_of(MIN_UNITS, MIN_BATCH_SIZE) == ("bfloat16", "float32")
    assert types_of(MIN_UNITS - 1, MIN_BATCH_SIZE) == ("float32", "float32")
    assert types_of(MIN_UNITS, MIN_BATCH_SIZE - 1) == ("float32", "float32")


def test_other_processors_compute_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed_precision, "has_bfloat16", lambda: False)
    assert types_of(MIN_UNITS, MIN_BATCH_SIZE) == ("float32", "float32")


def test_an_error_in_the_block_does_not_leave_the_lstm_in_bfloat16() -> None:
    one = lstm(MIN_UNITS)
    with (
        pytest.raises(KeyError),
        mixed_precision.mixed_precision([one], MIN_BATCH_SIZE),
    ):
        raise KeyError
    assert one.dtype_policy.name == one.cell.dtype_policy.name == "float32"


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_a_network_trained_so_learns_and_predicts_in_float32(kind: str, tmp_path: Path) -> None:
    import keras

    sizes = ModelSettings.model_validate(
        {"kind": kind, "embedding_size": EMBEDDING, "lstm_units": MIN_UNITS}
    )
    built = network.build(sizes, vocabulary_size=VOCABULARY, prior=[0.0], seed=1)
    fit = Fit(built, lazy_adam(0.01), BINARY, MIN_BATCH_SIZE)
    random = np.random.default_rng(1)
    tokens = random.integers(2, VOCABULARY - 1, (MIN_BATCH_SIZE, 5)).astype(np.int32)
    labels = (tokens[:, :1] % 2).astype(np.float32)
    tokens += (tokens % 2 != labels).astype(np.int32)  # all tokens of a text are odd or even
    batch = (tokens, labels, np.ones(MIN_BATCH_SIZE, np.float32))
    for _ in range(20):
        fit.run_epoch([batch], [batch])
    assert fit.history["loss"][-1] < 0.1 < fit.history["loss"][0]
    answers = np.asarray(built(tokens))
    built.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", compile=False)
    assert {layer.dtype_policy.name for layer in loaded.layers} == {"float32"}
    np.testing.assert_array_equal(answers, np.asarray(loaded(tokens)))
