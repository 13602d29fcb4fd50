"""Networks in ONNX Runtime predict what they predict in Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import pytest
from scipy import sparse

from pipeline.errors import RunError, WorkspaceError
from pipeline.model.inference import (
    MIN_TEXTS_TABLES,
    OnnxNetwork,
    load_network,
    probabilities,
)
from pipeline.model.ngram_features import NgramFeatures, new_vectorizer
from pipeline.model.ngrams import NgramRegression
from pipeline.model.onnx_export import check_onnx, save_onnx
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import ModelSettings
from pipeline.storage import names
from pipeline.train.train import save_model

VOCABULARY = Vocabulary({f"token{number}": 9 for number in range(48)})
LENGTHS = [1, 2, 3, 80, 7, 1, 300, 5]
NGRAMS = 30


def texts(lengths: list[int] = LENGTHS) -> Sequences:
    flat = np.random.default_rng(1).integers(1, len(VOCABULARY), sum(lengths)).astype(np.int32)
    return Sequences(flat, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def network(kind: Literal["functional", "sequential"], outputs: int) -> Any:
    """A network with random weights in all layers."""
    from pipeline.model.network import build

    built = build(
        ModelSettings(kind=kind, embedding_size=6, lstm_units=5),
        vocabulary_size=len(VOCABULARY),
        prior=[0.3] * outputs,
        seed=1,
        activation="sigmoid" if outputs == 1 else "softmax",
    )
    random = np.random.default_rng(2)
    built.set_weights([random.normal(size=one.shape) for one in built.get_weights()])
    return built


def joined(outputs: int) -> tuple[Any, NgramFeatures]:
    """A network with a wide branch, and features for it; the first text has none."""
    from pipeline.model.network import widen

    random = np.random.default_rng(3)
    shape = (NGRAMS, outputs) if outputs > 1 else NGRAMS
    coefficients = random.normal(size=shape).astype(np.float32)
    regression = NgramRegression(new_vectorizer(), coefficients, np.full(outputs, 0.2))
    some = sparse.random_array((len(LENGTHS) - 1, NGRAMS), density=0.3, rng=random)
    matrix = sparse.vstack([sparse.csr_array((1, NGRAMS)), some], format="csr")
    model = widen(
        network("functional", outputs),
        regression,
        (0.4, 1.1),
        np.full(outputs, 0.1),
        "sigmoid" if outputs == 1 else "softmax",
    )
    return model, NgramFeatures.of(matrix.astype(np.float32))


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("kind", ["sequential", "functional", "joined"])
def test_both_predict_the_same(kind: Any, outputs: int, tmp_path: Path) -> None:
    model, features = joined(outputs) if kind == "joined" else (network(kind, outputs), None)
    save_onnx(model, VOCABULARY, tmp_path / names.ONNX)
    check_onnx(tmp_path / names.ONNX, model, texts(), features)
    loaded = OnnxNetwork(tmp_path / names.ONNX)
    assert loaded.outputs == outputs
    assert loaded.vocabulary == VOCABULARY.digest
    assert loaded.ngrams == (NGRAMS if kind == "joined" else 0)
    first = probabilities(loaded, texts(), features)
    assert first.shape == ((len(LENGTHS),) if outputs == 1 else (len(LENGTHS), outputs))
    assert np.ptp(first, axis=0).min() > 0.01
    for workers in (1, 2):
        again = probabilities(OnnxNetwork(tmp_path / names.ONNX, workers), texts(), features)
        assert np.array_equal(again, first)
    assert len(probabilities(loaded, texts([]), features)) == 0


def test_batches_that_run_side_by_side_keep_their_order(tmp_path: Path) -> None:
    save_onnx(network("functional", 1), VOCABULARY, tmp_path / names.ONNX)
    many = texts(np.random.default_rng(4).integers(1, 9, 3_000).tolist())
    first, again = (
        probabilities(OnnxNetwork(tmp_path / names.ONNX, workers), many) for workers in (1, 3)
    )
    assert np.array_equal(first, again)
    some = np.arange(0, 3_000, 250)
    alone = probabilities(OnnxNetwork(tmp_path / names.ONNX), many.take(some))
    assert alone == pytest.approx(first[some], abs=1e-6)


def test_each_lstm_is_one_operator(tmp_path: Path) -> None:
    save_onnx(network("sequential", 1), VOCABULARY, tmp_path / names.ONNX)
    graph = onnx.load(tmp_path / names.ONNX).graph
    assert [one.op_type for one in graph.node].count("LSTM") == 1
    save_onnx(network("functional", 1), VOCABULARY, tmp_path / names.ONNX)
    graph = onnx.load(tmp_path / names.ONNX).graph
    (choice,) = (one for one in graph.node if one.op_type == "If")
    with_tables, without = (
        [node.op_type for node in branch.g.node]
        for branch in sorted(choice.attribute, key=lambda one: one.name, reverse=True)
    )
    assert with_tables.count("Scan") == 1 and "LSTM" not in with_tables
    assert without.count("LSTM") == 1 and "Scan" not in without


@pytest.mark.parametrize("kind", ["functional", "joined"])
def test_tables_change_nothing(kind: Any, tmp_path: Path) -> None:
    model, features = joined(3) if kind == "joined" else (network(kind, 3), None)
    save_onnx(model, VOCABULARY, tmp_path / names.ONNX)
    first, again = (
        probabilities(OnnxNetwork(tmp_path / names.ONNX, 2, tables), texts(), features)
        for tables in (False, True)
    )
    assert again == pytest.approx(first, abs=1e-6)


def test_tables_are_loaded_after_the_file_is_gone(tmp_path: Path) -> None:
    save_onnx(network("functional", 1), VOCABULARY, tmp_path / names.ONNX)
    loaded = OnnxNetwork(tmp_path / names.ONNX)
    some = texts([3, 1, 4] * MIN_TEXTS_TABLES)
    first = probabilities(loaded, some.take(np.arange(99)))
    (tmp_path / names.ONNX).unlink()
    assert probabilities(loaded, some)[:99] == pytest.approx(first, abs=1e-6)


def test_another_network_is_refused(tmp_path: Path) -> None:
    model = network("sequential", 1)
    save_onnx(model, VOCABULARY, tmp_path / names.ONNX)
    model.layers[-1].set_weights([one + 0.01 for one in model.layers[-1].get_weights()])
    with pytest.raises(RunError, match=r"network\.onnx differs from the trained network by"):
        check_onnx(tmp_path / names.ONNX, model, texts())
    model.layers[-1].set_weights([one * np.nan for one in model.layers[-1].get_weights()])
    with pytest.raises(RunError, match="differs from the trained network by nan"):
        check_onnx(tmp_path / names.ONNX, model, texts())


def test_keras_answers_for_models_without_an_onnx_file(tmp_path: Path) -> None:
    model = network("sequential", 3)
    save_model(model, tmp_path / names.NETWORK)
    found = probabilities(load_network(tmp_path), texts())
    assert np.array_equal(found, probabilities(model, texts()))


@pytest.mark.parametrize("content", [b"", b"no network", None])
def test_a_damaged_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / names.ONNX
    save_onnx(network("sequential", 1), VOCABULARY, path)
    path.write_bytes(path.read_bytes()[:-900] if content is None else content)
    with pytest.raises(WorkspaceError, match=r"network\.onnx is not a valid ONNX network: [^\n]+$"):
        load_network(tmp_path)
