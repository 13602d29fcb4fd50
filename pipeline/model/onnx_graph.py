"""Builds an ONNX graph node by node."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.prepare.vocabulary import PAD

if TYPE_CHECKING:
    import keras
    import onnx

OPSET, IR_VERSION = 18, 10
"""ONNX versions of the file, old enough for ONNX runtimes that are several years old."""

Array = npt.NDArray[Any]


class Graph:
    """A graph under construction; methods add nodes and return the names of their outputs.

    Args:
        outer: Enclosing graph, if this one is a branch or a loop body; its values can be read.
    """

    def __init__(self, outer: Graph | None = None) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = outer._constants if outer else []
        self._numbers: itertools.count[int] = outer._numbers if outer else itertools.count()

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        (output,) = self.add_several(operator, *inputs, outputs=[output], **attributes)
        return output

    def add_several(
        self, operator: str, *inputs: str, outputs: int | Sequence[str], **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs, given by number or names; empty names are generated."""
        from onnx import helper

        wanted = [""] * outputs if isinstance(outputs, int) else outputs
        names = [name or f"{operator}_{next(self._numbers)}" for name in wanted]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def constant(self, value: Array | np.generic, name: str = "") -> str:
        """Add an array of weights."""
        from onnx import numpy_helper

        name = name or f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def embedding(self, embedding: keras.Layer) -> str:
        """Add the rows of an embedding, (ids, size)."""
        (weights,) = embedding.get_weights()
        return self.constant(weights)

    def dense(self, values: str, dense: keras.Layer) -> str:
        """Multiply by a kernel and add a bias, (batch, outputs)."""
        kernel, bias = dense.get_weights()
        return self.add("Gemm", values, self.constant(kernel), self.constant(bias))

    def real(self, tokens: str) -> str:
        """Whether each position, (time, batch), holds a token and not padding."""
        return self.add("Not", self.add("Equal", tokens, self.constant(np.int32(PAD))))

    def lengths(self, tokens: str) -> str:
        """Number of tokens of each text, int32 (batch,)."""
        counted = self.add("Cast", self.real(tokens), to=type_of(np.int32))
        return self.add("ReduceSum", counted, self.constant(np.array([0])), keepdims=0)

    def as_branch(self, outputs: Sequence[str], inputs: Sequence[str] = ()) -> onnx.GraphProto:
        """The finished branch or loop body; all inputs and outputs except ids are float32."""
        from onnx import helper

        return helper.make_graph(
            self._nodes,
            f"branch_{next(self._numbers)}",
            [_value(name, np.int32 if name.startswith("id") else np.float32) for name in inputs],
            [_value(name, np.float32) for name in outputs],
        )

    def as_model(
        self, inputs: Mapping[str, type[np.generic]], outputs: int, optional: str = ""
    ) -> onnx.ModelProto:
        """The finished, validated model.

        Args:
            inputs: Type of each input, (batch, length).
            outputs: Size of the output ``probabilities``.
            optional: Name of a constant that is also an optional input.
        """
        from onnx import checker, helper

        named = [_value(name, kind, "batch", f"length_{name}") for name, kind in inputs.items()]
        if optional:
            named.append(helper.make_tensor_value_info(optional, type_of(np.bool_), []))
        graph = helper.make_graph(
            self._nodes,
            "network",
            named,
            [_value("probabilities", np.float32, "batch", outputs)],
            self._constants,
        )
        model = helper.make_model(
            graph,
            producer_name="review-sentiment",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        checker.check_model(model)
        return model


def type_of(kind: type[np.generic]) -> int:
    """ONNX type number of a NumPy type."""
    from onnx import helper

    return int(helper.np_dtype_to_tensor_dtype(np.dtype(kind)))


def _value(name: str, kind: type[np.generic], *shape: str | int) -> onnx.ValueInfoProto:
    from onnx import helper

    return helper.make_tensor_value_info(name, type_of(kind), shape or None)
