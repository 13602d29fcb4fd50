"""LSTMs in ONNX, in two ways: with the native operator, or with lookup tables.

The input of an LSTM here is an embedding, so each token's input to the gates, the product of its
embedding and the kernel, can be computed once per token of the vocabulary and then looked up. This
product is half of the work of an LSTM. ONNX Runtime computes these tables when it loads the
network, if constant folding is enabled: it starts more slowly but is faster for many texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.model.onnx_graph import Array, Graph, type_of
from pipeline.prepare.vocabulary import PAD

if TYPE_CHECKING:
    import keras

LOWEST = -1.0
"""Lower bound of the states of an LSTM, which lie in -1..1."""
CLOSED = -1e3
"""Input that closes a gate for any state."""
INPUT, OUTPUT, FORGET, CELL = GATES = range(4)
"""The gates in the order of ONNX."""


class Lstm(NamedTuple):
    """An embedding and one or two LSTMs, as names of their weights in a graph.

    Attributes:
        embedding: (tokens, size).
        kernel: (directions, 4 * units, size).
        recurrent: (directions, 4 * units, units).
        bias: (directions, 8 * units), whose second half is 0.
        tokens: Number of token ids.
        directions: 1, or 2 if there is a second LSTM, which reads backward.
        units: Size of a state.
    """

    embedding: str
    kernel: str
    recurrent: str
    bias: str
    tokens: int
    directions: int
    units: int

    @classmethod
    def of(cls, graph: Graph, embedding: keras.Layer, lstms: Sequence[keras.Layer]) -> Lstm:
        """Add the weights of layers to a graph."""
        ordered = [map(_gates, one.get_weights()) for one in lstms]
        kernels, recurrent, biases = zip(*ordered, strict=True)
        return cls(
            graph.embedding(embedding),
            graph.constant(np.stack([kernel.T for kernel in kernels])),
            graph.constant(np.stack([kernel.T for kernel in recurrent])),
            graph.constant(
                np.stack([np.concatenate([bias, np.zeros_like(bias)]) for bias in biases])
            ),
            embedding.input_dim,
            len(lstms),
            lstms[0].units,
        )


def run(graph: Graph, lstm: Lstm, tokens: str, lengths: str) -> tuple[str, str]:
    """Run the native operator.

    Args:
        graph: The graph.
        lstm: The weights.
        tokens: (time, batch).
        lengths: Number of tokens of each text.

    Returns:
        All states, (time, directions, batch, units), aligned with their tokens in both
        directions, and the last states, (directions, batch, units).
    """
    values = graph.add("Gather", lstm.embedding, tokens, axis=0)
    states, last = graph.add_several(
        "LSTM",
        *(values, lstm.kernel, lstm.recurrent, lstm.bias, lengths),
        outputs=2,
        hidden_size=lstm.units,
        direction="bidirectional" if lstm.directions > 1 else "forward",
    )
    return states, last


def pool(graph: Graph, lstm: Lstm, tokens: str, lengths: str) -> tuple[str, str]:
    """Maximum and sum over time of the states, each (batch, directions * units)."""
    states, _ = run(graph, lstm, tokens, lengths)
    real = graph.add("Unsqueeze", graph.real(tokens), graph.constant(np.array([1, 3])))
    first = graph.constant(np.array([0]))
    pools = []
    for operator, padding in (("ReduceMax", LOWEST), ("ReduceSum", 0.0)):
        kept = graph.add("Where", real, states, graph.constant(np.float32(padding)))
        pooled = graph.add(operator, kept, first, keepdims=0)  # (directions, batch, units)
        by_text = graph.add("Transpose", pooled, perm=[1, 0, 2])
        pools.append(graph.add("Flatten", by_text, axis=1))
    highest, total = pools
    return highest, total


def pool_by_tables(graph: Graph, lstm: Lstm, tokens: str, lengths: str) -> tuple[str, str]:
    """Same as :func:`pool`, but looks up each token's input to each gate in tables."""
    backward = graph.add(
        "ReverseSequence",
        tokens,
        graph.add("Cast", lengths, to=type_of(np.int64)),
        time_axis=0,
        batch_axis=1,
    )
    padding = graph.add("Equal", tokens, graph.constant(np.int32(PAD)))
    penalty = graph.add(
        "Where",
        graph.add("Unsqueeze", padding, graph.constant(np.array([2]))),
        graph.constant(np.float32(2 * LOWEST)),
        graph.constant(np.float32(0)),
    )  # (time, batch, 1)
    (_, batch) = graph.add_several(
        "Split", graph.add("Shape", tokens), outputs=2, axis=0, num_outputs=2
    )
    units = graph.constant(np.array([lstm.units]))
    zeros = graph.add("ConstantOfShape", graph.add("Concat", batch, units, axis=0))
    lowest = graph.add("Add", zeros, graph.constant(np.float32(LOWEST)))

    body, first, before, after = Graph(graph), [], [], []
    ids = ["id_forward", "id_backward"][: lstm.directions]
    for direction, (id_, tables) in enumerate(zip(ids, _tables(graph, lstm), strict=True)):
        names = [f"{name}_{direction}" for name in ("state", "cell", "highest", "total")]
        before += names
        first += [zeros, zeros, lowest, zeros]
        after += _step(body, id_, "penalty", names, tables)
    inner = body.as_branch(after, [*before, *ids, "penalty"])
    read = [tokens, backward][: lstm.directions]
    ended = graph.add_several(
        "Scan",
        *(*first, *read, penalty),
        outputs=len(after),
        body=inner,
        num_scan_inputs=len(read) + 1,
    )
    highest = graph.add("Concat", *ended[2::4], axis=1)
    return highest, graph.add("Concat", *ended[3::4], axis=1)


def _step(
    body: Graph, token: str, penalty: str, before: list[str], tables: list[tuple[str, str]]
) -> list[str]:
    """Add the step for one token per text: state, cell, and maximum and sum of states so far."""
    state, cell, highest, total = before
    gates = []
    for gate, (table, recurrent) in enumerate(tables):
        given = body.add("Gather", table, token, axis=0)
        value = body.add("Gemm", state, recurrent, given)
        gates.append(body.add("Tanh" if gate == CELL else "Sigmoid", value))
    cell = body.add(
        "Add",
        body.add("Mul", gates[FORGET], cell),
        body.add("Mul", gates[INPUT], gates[CELL]),
    )
    state = body.add("Mul", gates[OUTPUT], body.add("Tanh", cell))
    highest = body.add("Max", highest, body.add("Add", state, penalty))
    return [state, cell, highest, body.add("Add", total, state)]


def _tables(graph: Graph, lstm: Lstm) -> list[list[tuple[str, str]]]:
    """For each direction and gate, the table of its inputs by token, and its recurrent kernel.

    Padding closes the output gate, so that its states are 0.
    """
    is_padding = np.zeros((lstm.tokens, 1), np.bool_)
    is_padding[PAD] = True
    padding, closed = graph.constant(is_padding), graph.constant(np.float32(CLOSED))
    found = []
    for direction in range(lstm.directions):
        kernels, recurrent, biases = (
            graph.add_several(
                "Split",
                graph.add("Gather", weights, graph.constant(np.int64(direction)), axis=0),
                outputs=parts,
                axis=0,
                num_outputs=parts,
            )
            for weights, parts in ((lstm.kernel, 4), (lstm.recurrent, 4), (lstm.bias, 8))
        )
        tables = [
            graph.add("Gemm", lstm.embedding, kernel, bias, transB=1)
            for kernel, bias in zip(kernels, biases[: len(GATES)], strict=True)
        ]
        tables[OUTPUT] = graph.add("Where", padding, closed, tables[OUTPUT])
        states = [graph.add("Transpose", kernel, perm=[1, 0]) for kernel in recurrent]
        found.append(list(zip(tables, states, strict=True)))
    return found


def _gates(weights: Array) -> Array:
    """Reorder the gates on the last axis from Keras' (i, f, c, o) to ONNX's (i, o, f, c)."""
    of_input, forget, cell, output = np.split(weights, 4, axis=-1)
    return np.concatenate([of_input, output, forget, cell], axis=-1)
