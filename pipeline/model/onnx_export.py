"""Writes a trained network as ONNX, which ONNX Runtime runs without TensorFlow.

The graph is built node by node rather than by a converter: only the networks of
:mod:`pipeline.model.network` need to be supported, each LSTM becomes one native operator that takes
the lengths of the texts, and there is no dependency on a converter that must keep up with Keras.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import RunError
from pipeline.model import onnx_lstm
from pipeline.model.inference import (
    MANY,
    NGRAM_COUNT,
    NGRAMS,
    TOKENS,
    VALUES,
    VOCABULARY,
    OnnxNetwork,
    probabilities,
)
from pipeline.model.network import COEFFICIENTS, DIRECTIONS, EMBEDDING, LOGIT, MERGE
from pipeline.model.ngram_features import NgramFeatures
from pipeline.model.onnx_graph import Graph, type_of
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.storage.files import atomic_write

if TYPE_CHECKING:
    import keras

MOST_DIFFERENCE = 1e-5
"""Maximum difference between the probabilities of a network in ONNX Runtime and in Keras."""


def save_onnx(built: keras.Model, vocabulary: Vocabulary, path: Path) -> None:
    """Write a network to an ``.onnx`` file, atomically.

    It has the inputs and the output of the Keras model, see :func:`pipeline.model.network.build`
    and :func:`pipeline.model.network.widen`; batch size and text lengths are variable.

    Args:
        built: A trained network of :mod:`pipeline.model.network`.
        vocabulary: Its vocabulary, whose digest is stored in the file.
        path: The file.
    """
    import keras
    from onnx import helper

    layers = {layer.name: layer for layer in built.layers}
    graph = Graph()
    if isinstance(built, keras.Sequential):
        embedding, lstm, dense = (layer for layer in built.layers if layer.weights)
        state = _last_state(graph, embedding, lstm)
        logits = graph.dense(state, dense)
        activation = dense.activation
    else:
        pooled = _pooled(graph, layers[EMBEDDING], [layers[name] for name in DIRECTIONS])
        logits = graph.dense(pooled, layers[LOGIT])
        activation = built.layers[-1].activation
        if MERGE in layers:
            wide = _wide(graph, layers[COEFFICIENTS])
            logits = graph.dense(graph.add("Concat", logits, wide, axis=1), layers[MERGE])
    operator = {"sigmoid": "Sigmoid", "softmax": "Softmax"}[activation.__name__]
    graph.add(operator, logits, output="probabilities")
    inputs: dict[str, type[np.generic]] = {TOKENS: np.int32}
    if MERGE in layers:
        inputs |= {NGRAMS: np.int32, VALUES: np.float32}
    optional = "" if isinstance(built, keras.Sequential) else MANY
    model = graph.as_model(inputs, built.output_shape[-1], optional)
    ngrams = layers[COEFFICIENTS].input_dim if MERGE in layers else 0
    helper.set_model_props(model, {VOCABULARY: vocabulary.digest, NGRAM_COUNT: str(ngrams)})
    with atomic_write(path) as file:
        file.write(model.SerializeToString())


def check_onnx(
    path: Path, built: keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> None:
    """Check that an ``.onnx`` file and its Keras model predict the same.

    Args:
        path: Written by :func:`save_onnx`.
        built: The Keras model.
        sequences: Encoded texts.
        features: N-gram features of the same texts; required if the model has a wide branch.

    Raises:
        RunError: A probability differs by more than ``MOST_DIFFERENCE``.
    """
    expected = probabilities(built, sequences, features)
    found = [
        probabilities(OnnxNetwork(path, uses_tables=tables), sequences, features)
        for tables in (False, True)
    ]
    difference = float(np.abs(np.array(found) - expected).max(initial=0.0))
    if not difference <= MOST_DIFFERENCE:
        raise RunError(
            f"{path.name} differs from the trained network by {difference:.1e} in a probability, "
            f"{MOST_DIFFERENCE:.0e} is allowed: install the versions of constraints.txt and "
            "train again"
        )


def _last_state(graph: Graph, embedding: keras.Layer, lstm: keras.Layer) -> str:
    """State of an LSTM at the last token, (batch, units)."""
    tokens = graph.add("Transpose", TOKENS, perm=[1, 0])
    weights = onnx_lstm.Lstm.of(graph, embedding, [lstm])
    _, last = onnx_lstm.run(graph, weights, tokens, graph.lengths(tokens))
    return graph.add("Squeeze", last, graph.constant(np.array([0])))


def _pooled(graph: Graph, embedding: keras.Layer, lstms: list[keras.Layer]) -> str:
    """Maximum and mean over time of both LSTMs' states, (batch, 4 * units)."""
    tokens = graph.add("Transpose", TOKENS, perm=[1, 0])
    lengths = graph.lengths(tokens)
    weights = onnx_lstm.Lstm.of(graph, embedding, lstms)
    many = graph.constant(np.bool_(False), MANY)
    branches = {}
    for name, pool in (
        ("then_branch", onnx_lstm.pool_by_tables),
        ("else_branch", onnx_lstm.pool),
    ):
        branch = Graph(graph)
        branches[name] = branch.as_branch(pool(branch, weights, tokens, lengths))
    highest, total = graph.add_several("If", many, outputs=2, **branches)
    count = graph.add("Cast", lengths, to=type_of(np.float32))
    mean = graph.add("Div", total, graph.add("Unsqueeze", count, graph.constant(np.array([1]))))
    return graph.add("Concat", highest, mean, axis=1)


def _wide(graph: Graph, coefficients: keras.Layer) -> str:
    """Weighted sum of the coefficients of each text's n-grams, (batch, outputs)."""
    of_ngrams = graph.add("Gather", graph.embedding(coefficients), NGRAMS, axis=0)
    values = graph.add("Unsqueeze", VALUES, graph.constant(np.array([2])))
    products = graph.add("Mul", of_ngrams, values)
    return graph.add("ReduceSum", products, graph.constant(np.array([1])), keepdims=0)
