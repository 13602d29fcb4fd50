"""Pretraining, and a network initialized with the pretrained layers."""

import math
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.model.network import DIRECTIONS, LSTM_UNITS
from pipeline.prepare.sequences import Sequences, dataset_writer, load_split
from pipeline.settings import ModelSettings, PretrainSettings, TrainSettings
from pipeline.train import language_model
from pipeline.train.mixed_precision import MIN_UNITS
from pipeline.train.pretrain import (
    MANY_TEXTS,
    UNITS_OF_MANY,
    Sizes,
    epochs_for,
    pretrain,
    units_for,
)
from pipeline.train.pretrained_layers import Layers
from pipeline.train.train import train
from tests.processes import ROOT

VOCABULARY = 40
SIZES = Sizes(embedding_size=8, lstm_units=12)
SETTINGS = PretrainSettings(min_texts=1, workers=1)


def counting(rows: int, seed: int) -> Sequences:
    """Texts of 1 to 9 consecutive token ids with a random start."""
    random = np.random.default_rng(seed)
    texts = [
        (start + np.arange(length)) % (VOCABULARY - 2) + 2
        for start, length in zip(
            random.integers(0, VOCABULARY, rows), random.integers(1, 10, rows), strict=True
        )
    ]
    flat = np.concatenate(texts).astype(np.int32)
    return Sequences(flat, np.cumsum([0, *map(len, texts)]))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pretrain") / "dataset.npz"
    rows = {"train": (200, 0), "unlabeled": (900, -1), "between": (100, -1)}
    with dataset_writer(path, rows) as write:
        for name, (count, label) in rows.items():
            write(name, counting(count, count), np.full(count, label, np.float32))
    return path


@pytest.fixture(scope="module")
def pretrained(dataset: Path) -> Layers:
    return pretrain(dataset, VOCABULARY, SIZES, SETTINGS).layers


def test_both_directions_learn_to_predict_the_next_token(
    dataset: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO", logger="pipeline")
    monkeypatch.setattr(language_model, "LEARNING_RATE", 0.02)
    settings = SETTINGS.model_copy(update={"language_model_epochs": 40})
    layers, _ = pretrain(dataset, VOCABULARY, SIZES, settings)
    last_loss = float(caplog.messages[-1].rpartition(" ")[2])
    assert last_loss < 1 < math.log(VOCABULARY) / 2  # twice that is the loss of a guess
    assert {name: one.shape for name, one in layers.items()} == {
        "embedding": (VOCABULARY, 8),
        **{f"{name}_0": (8, 48) for name in ("forward", "backward")},
        **{f"{name}_1": (12, 48) for name in ("forward", "backward")},
        **{f"{name}_2": (48,) for name in ("forward", "backward")},
    }


def test_equal_runs_give_equal_layers(dataset: Path, pretrained: Layers) -> None:
    again = pretrain(dataset, VOCABULARY, SIZES, SETTINGS).layers
    assert again.keys() == pretrained.keys()
    assert all(np.array_equal(pretrained[name], again[name]) for name in again)


@pytest.mark.long
@pytest.mark.parametrize("units", [12, MIN_UNITS])
def test_a_killed_language_model_resumes_with_the_same_result(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    units: int,
) -> None:
    """The second size is trained in mixed precision where the processor has it."""
    monkeypatch.setattr(language_model, "STEPS_BETWEEN_CHECKPOINTS", 6)
    settings = SETTINGS.model_copy(update={"language_model_epochs": 2})
    sizes = Sizes(embedding_size=8, lstm_units=units)
    whole = pretrain(dataset, VOCABULARY, sizes, settings).layers
    checkpoint = tmp_path / "checkpoint.npz"
    code = f"""
import os, signal
from pathlib import Path
from pipeline.settings import PretrainSettings
from pipeline.train import language_model
from pipeline.train.pretrain import Sizes, pretrain
language_model.STEPS_BETWEEN_CHECKPOINTS = 6
save = language_model._save
def save_and_die(checkpoint, state, done, loss):
    save(checkpoint, state, done, loss)
    if done == 6:
        os.kill(os.getpid(), signal.SIGKILL)
language_model._save = save_and_die
pretrain(
    Path({str(dataset)!r}), {VOCABULARY}, Sizes(embedding_size=8, lstm_units={units}),
    PretrainSettings.model_validate_json({settings.model_dump_json()!r}).model_copy(
        update={{"workers": 1}}
    ),
    Path({str(checkpoint)!r}),
)
"""
    died = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    caplog.set_level("INFO", logger="pipeline")
    resumed = pretrain(dataset, VOCABULARY, sizes, settings, checkpoint).layers
    assert "resuming the language model from step 6 of 10" in caplog.text
    assert resumed.keys() == whole.keys()
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole)


def test_load_pretrained_sets_the_layers(pretrained: Layers) -> None:
    import keras

    from pipeline.model.network import EMBEDDING, build
    from pipeline.train.pretrained_layers import load_pretrained

    network = build(
        ModelSettings(embedding_size=8, lstm_units=12),
        vocabulary_size=VOCABULARY,
        prior=[0.0],
        seed=1,
    )
    load_pretrained(network, pretrained)
    texts = counting(7, 5)
    tokens = texts.padded(np.arange(7))
    for name in ("forward", "backward"):
        states = keras.Model(network.input, network.get_layer(name).output)(tokens)
        for row, length in enumerate(texts.lengths):
            known = texts.flat[texts.offsets[row] : texts.offsets[row + 1]]
            embedded = pretrained["embedding"][known if name == "forward" else known[::-1]][None]
            lstm = keras.layers.LSTM(12, return_sequences=True)
            lstm.build(embedded.shape)
            lstm.set_weights([pretrained[f"{name}_{number}"] for number in range(3)])
            np.testing.assert_allclose(states[row, :length], lstm(embedded)[0], atol=1e-5)
    embedding = network.get_layer(EMBEDDING).get_weights()[0]
    assert np.array_equal(embedding[2:], pretrained["embedding"][2:])


def test_the_sequential_network_gets_word_vectors_only(dataset: Path) -> None:
    sizes = Sizes(embedding_size=8, lstm_units=12, with_lstm=False)
    layers, _ = pretrain(dataset, VOCABULARY, sizes, SETTINGS)
    assert list(layers) == ["embedding"]


def test_many_texts_make_a_larger_lstm_and_training_takes_it(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [units_for(MANY_TEXTS - 1), units_for(MANY_TEXTS)] == [LSTM_UNITS, UNITS_OF_MANY]
    assert [epochs_for(MANY_TEXTS - 1), epochs_for(MANY_TEXTS)] == [1, 2]
    monkeypatch.setattr("pipeline.train.pretrain.MANY_TEXTS", 1_000)
    monkeypatch.setattr("pipeline.train.pretrain.UNITS_OF_MANY", 6)
    layers, texts = pretrain(
        dataset, VOCABULARY, Sizes(embedding_size=8, lstm_units=None), SETTINGS
    )
    assert texts >= 1_000
    assert layers["forward_1"].shape == (6, 24)
    training = load_split(dataset, "train")[0].take(np.arange(40))
    labelled = training, (np.arange(40) % 2).astype(np.float32)
    built, _ = train(
        labelled,
        labelled,
        vocabulary_size=VOCABULARY,
        model=ModelSettings(embedding_size=8),
        settings=TrainSettings(epochs=1),
        pretrained=layers,
    )
    assert [built.get_layer(name).units for name in DIRECTIONS] == [6, 6]


def test_pretraining_is_skipped_with_too_few_texts_or_when_off(
    dataset: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="pipeline")
    layers, texts = pretrain(dataset, VOCABULARY, SIZES, PretrainSettings(min_texts=1201))
    assert not layers
    assert f"skipped: {texts:,} texts, pretrain.min_texts is 1,201" in caplog.text
    off = PretrainSettings(vector_epochs=0, language_model_epochs=0, min_texts=1)
    assert pretrain(dataset, VOCABULARY, SIZES, off) == ({}, texts)


def test_texts_of_one_token_do_not_count(dataset: Path) -> None:
    lengths = np.concatenate(
        [load_split(dataset, part)[0].lengths for part in ("train", "unlabeled", "between")]
    )
    _, texts = pretrain(dataset, VOCABULARY, SIZES, PretrainSettings(min_texts=1201))
    assert texts == np.sum(lengths > 1) < len(lengths)


def test_more_than_max_texts_are_sampled(dataset: Path) -> None:
    settings = PretrainSettings(min_texts=1, max_texts=300, language_model_epochs=0, workers=1)
    _, texts = pretrain(dataset, VOCABULARY, SIZES, settings)
    assert texts == 300
