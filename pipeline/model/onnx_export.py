"""Writes a trained network as ONNX, which ONNX Runtime runs without TensorFlow.

The graph is built here, node by node, rather than by a converter: the networks are those of
:mod:`pipeline.model.network` alone, each LSTM becomes one native operator with the lengths of the
texts, and no converter has to keep up with Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import RunError
from pipeline.model.inference import (
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
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import PAD, Vocabulary
from pipeline.storage.files import atomic_write

if TYPE_CHECKING:
    import keras
    import onnx

OPSET, IR_VERSION = 18, 10
"""Old enough for runtimes of several years."""
LOWEST = -1.0
"""Below every state of an LSTM, which lies in -1..1."""
MOST_DIFFERENCE = 1e-5
"""Between the probabilities of a network in ONNX Runtime and in Keras."""

Array = npt.NDArray[Any]


def save_onnx(built: keras.Model, vocabulary: Vocabulary, path: Path) -> None:
    """Write a network to an ``.onnx`` file, atomically.

    Inputs and output are those of the Keras model, see :func:`pipeline.model.network.build` and
    :func:`pipeline.model.network.widen`; batch and lengths are variable.

    Args:
        built: A trained network of :mod:`pipeline.model.network`.
        vocabulary: Its vocabulary, of which the file keeps the digest.
        path: The file.
    """
    import keras
    from onnx import helper

    layers = {layer.name: layer for layer in built.layers}
    graph = _Graph()
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
    model = graph.model(built.output_shape[-1], is_wide=MERGE in layers)
    ngrams = layers[COEFFICIENTS].input_dim if MERGE in layers else 0
    helper.set_model_props(model, {VOCABULARY: vocabulary.digest, NGRAM_COUNT: str(ngrams)})
    with atomic_write(path) as file:
        file.write(model.SerializeToString())


def check_onnx(
    path: Path, built: keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> None:
    """Check that an ``.onnx`` file predicts what its Keras model predicts.

    Args:
        path: Written by :func:`save_onnx`.
        built: The Keras model.
        sequences: Encoded texts.
        features: N-gram features of the same texts; required if the model has a wide branch.

    Raises:
        RunError: A probability differs by more than ``MOST_DIFFERENCE``.
    """
    expected, found = (
        probabilities(model, sequences, features) for model in (built, OnnxNetwork(path))
    )
    difference = float(np.abs(found - expected).max(initial=0.0))
    if not difference <= MOST_DIFFERENCE:
        raise RunError(
            f"{path.name} differs from the trained network by {difference:.1e} in a probability, "
            f"{MOST_DIFFERENCE:.0e} is allowed: install the versions of constraints.txt and "
            "train again"
        )


def _last_state(graph: _Graph, embedding: keras.Layer, lstm: keras.Layer) -> str:
    """State of an LSTM at the last token, (batch, units)."""
    tokens = graph.add("Transpose", TOKENS, perm=[1, 0])
    _, last = graph.lstm(graph.embed(tokens, embedding), graph.lengths(tokens), [lstm])
    return graph.add("Squeeze", last, graph.constant(np.array([0])))


def _pooled(graph: _Graph, embedding: keras.Layer, lstms: list[keras.Layer]) -> str:
    """Maximum and mean over time of both LSTMs' states, (batch, 4 * units)."""
    tokens = graph.add("Transpose", TOKENS, perm=[1, 0])
    lengths = graph.lengths(tokens)
    states, _ = graph.lstm(
        graph.embed(tokens, embedding), lengths, lstms
    )  # (time, 2, batch, units)
    real = graph.add("Unsqueeze", graph.real(tokens), graph.constant(np.array([1, 3])))
    first = graph.constant(np.array([0]))
    pools = []
    for operator, padding in (("ReduceMax", LOWEST), ("ReduceSum", 0.0)):
        kept = graph.add("Where", real, states, graph.constant(np.float32(padding)))
        pool = graph.add(operator, kept, first, keepdims=0)  # (2, batch, units)
        by_text = graph.add("Transpose", pool, perm=[1, 0, 2])
        pools.append(graph.add("Flatten", by_text, axis=1))
    highest, total = pools
    count = graph.add("Cast", lengths, to=graph.type_of(np.float32))
    mean = graph.add("Div", total, graph.add("Unsqueeze", count, graph.constant(np.array([1]))))
    return graph.add("Concat", highest, mean, axis=1)


def _wide(graph: _Graph, coefficients: keras.Layer) -> str:
    """Weighted sum of the coefficients of each text's n-grams, (batch, outputs)."""
    of_ngrams = graph.embed(NGRAMS, coefficients)
    values = graph.add("Unsqueeze", VALUES, graph.constant(np.array([2])))
    products = graph.add("Mul", of_ngrams, values)
    return graph.add("ReduceSum", products, graph.constant(np.array([1])), keepdims=0)


class _Graph:
    """A graph under construction; methods add nodes and return the names of their outputs."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        output = output or f"{operator}_{len(self._nodes)}"
        self._add(operator, inputs, [output], attributes)
        return output

    def constant(self, value: Array | np.generic) -> str:
        """Add an array of weights."""
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def embed(self, ids: str, embedding: keras.Layer) -> str:
        """Look up rows of an embedding, (*ids, size)."""
        (weights,) = embedding.get_weights()
        return self.add("Gather", self.constant(weights), ids, axis=0)

    def dense(self, values: str, dense: keras.Layer) -> str:
        """Multiply by a kernel and add a bias, (batch, outputs)."""
        kernel, bias = dense.get_weights()
        return self.add("Gemm", values, self.constant(kernel), self.constant(bias))

    def real(self, tokens: str) -> str:
        """Whether each place, (time, batch), holds a token and no padding."""
        return self.add("Not", self.add("Equal", tokens, self.constant(np.int32(PAD))))

    def lengths(self, tokens: str) -> str:
        """Number of tokens of each text, int32 (batch,)."""
        counted = self.add("Cast", self.real(tokens), to=self.type_of(np.int32))
        return self.add("ReduceSum", counted, self.constant(np.array([0])), keepdims=0)

    def lstm(self, values: str, lengths: str, lstms: list[keras.Layer]) -> tuple[str, str]:
        """Run one LSTM forward or, with a second one, that one backward over the same values.

        Returns:
            All states, (time, directions, batch, units), where those of the second are at the
            places of their tokens, and the last ones, (directions, batch, units).
        """
        ordered = [map(_gates, one.get_weights()) for one in lstms]
        kernels, recurrent, biases = zip(*ordered, strict=True)
        weights = [
            np.stack([kernel.T for kernel in kernels]),
            np.stack([kernel.T for kernel in recurrent]),
            np.stack([np.concatenate([bias, np.zeros_like(bias)]) for bias in biases]),
        ]
        inputs = [values, *map(self.constant, weights), lengths]
        direction = "bidirectional" if len(lstms) > 1 else "forward"
        attributes = {"hidden_size": lstms[0].units, "direction": direction}
        self._add("LSTM", inputs, ["states", "last"], attributes)
        return "states", "last"

    def model(self, outputs: int, *, is_wide: bool) -> onnx.ModelProto:
        """The finished model, checked."""
        from onnx import checker, helper

        inputs: dict[str, type[np.generic]] = {TOKENS: np.int32}
        if is_wide:
            inputs |= {NGRAMS: np.int32, VALUES: np.float32}
        named = [
            helper.make_tensor_value_info(name, self.type_of(kind), ["batch", f"length_{name}"])
            for name, kind in inputs.items()
        ]
        answer = helper.make_tensor_value_info(
            "probabilities", self.type_of(np.float32), ["batch", outputs]
        )
        graph = helper.make_graph(self._nodes, "network", named, [answer], self._constants)
        model = helper.make_model(
            graph,
            producer_name="review-sentiment",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        checker.check_model(model)
        return model

    @staticmethod
    def type_of(kind: type[np.generic]) -> int:
        """ONNX's number of a NumPy type."""
        from onnx import helper

        return int(helper.np_dtype_to_tensor_dtype(np.dtype(kind)))

    def _add(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        attributes: dict[str, Any],
    ) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))


def _gates(weights: Array) -> Array:
    """Reorder the gates on the last axis from Keras' (i, f, c, o) to ONNX's (i, o, f, c)."""
    of_input, forget, cell, output = np.split(weights, 4, axis=-1)
    return np.concatenate([of_input, output, forget, cell], axis=-1)
