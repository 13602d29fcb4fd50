"""The target with three classes: negative, neutral and positive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import PositiveFloat

from pipeline.arrays import Bools, Integers
from pipeline.target.base import Predicted, Target
from pipeline.target.classes import Classes
from pipeline.target.metrics import Rankings
from pipeline.target.output import Floats, Softmax


class Three(Classes):
    """Three classes, negative, neutral and positive, with a probability of each.

    Attributes:
        decision_weights: Weight of each class; the predicted class has the highest product of
            probability and weight.
    """

    kind: Literal["three"] = "three"
    decision_weights: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (1, 1, 1)
    names = ("negative", "neutral", "positive")
    link = Softmax(len(names))
    columns = ("label", "probability", *(f"probability_{name}" for name in names))

    @property
    def undecided(self) -> Target:
        """The same classes with the default decision rule."""
        return Three()

    @property
    def rule(self) -> str:
        """The decision rule, such as ``probabilities weighted 1.8 : 1.2 : 1``."""
        return "probabilities weighted " + " : ".join(f"{one:g}" for one in self.decision_weights)

    def classes(self, predicted: Predicted) -> Integers:
        """The class of each example with the highest weighted probability."""
        return np.asarray((predicted * self.decision_weights).argmax(axis=1), np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """The predictions themselves."""
        return predicted

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Each class against the other two."""
        return [(truth == one, probability) for one, probability in enumerate(predicted.T)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """1 for a correct prediction, else 0."""
        from keras import ops

        weighted = probabilities * ops.convert_to_tensor(self.decision_weights, "float32")
        return ops.equal(ops.argmax(weighted, axis=1), ops.cast(labels[:, 0], "int32"))

    def positive(self, predicted: Predicted) -> Floats:
        """Probability of positive plus half the probability of neutral."""
        return np.asarray(predicted @ [0, 0.5, 1])

    def even_positive(self, predicted: Predicted) -> Floats:
        """Like :meth:`positive`, but with the probabilities weighted by ``decision_weights``."""
        weighted = predicted * self.decision_weights
        return self.positive(weighted / weighted.sum(axis=1, keepdims=True))

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether the weighted probability of positive is at least that of negative."""
        weighted = predicted * self.decision_weights
        return np.asarray(weighted[:, 2] >= weighted[:, 0])

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label, its probability, and the probability of each class."""
        rows = []
        for one, probabilities in zip(self.classes(predicted), predicted, strict=True):
            values = map(float, (probabilities[one], *probabilities))
            rows.append(dict(zip(self.columns, (self.names[one], *values), strict=True)))
        return rows

    def predicted(self, columns: Mapping[str, Floats]) -> Predicted:
        """The columns with the probability of each class."""
        return np.column_stack([columns[f"probability_{name}"] for name in self.names])
