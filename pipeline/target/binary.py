"""The target with two classes: negative and positive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from pipeline.arrays import Bools, Integers
from pipeline.reviews.review import LABEL_NAMES
from pipeline.target.base import EVEN, Predicted, Target
from pipeline.target.classes import Classes
from pipeline.target.metrics import Rankings
from pipeline.target.output import Floats, Logistic


class Binary(Classes):
    """Two classes, negative and positive, with the probability of positive as output.

    Attributes:
        threshold: Lowest probability that counts as positive.
    """

    kind: Literal["binary"] = "binary"
    threshold: float = Field(EVEN, gt=0, lt=1)
    link = Logistic()
    names = LABEL_NAMES[:2]
    columns = ("label", "probability")

    @property
    def undecided(self) -> Target:
        """The same classes with the default decision rule."""
        return Binary()

    @property
    def rule(self) -> str:
        """The decision rule, such as ``positive from 0.83``."""
        return f"positive from {self.threshold:g}"

    def classes(self, predicted: Predicted) -> Integers:
        """1 (positive) if the probability is at least ``threshold``, else 0."""
        return (predicted >= self.threshold).astype(np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """Probabilities of negative and positive, shape (examples, 2)."""
        return np.column_stack([1 - predicted, predicted])

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Positive against negative."""
        return [(truth == 1, predicted)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """1 for a correct prediction, else 0."""
        from keras import ops

        return ops.equal(probabilities >= self.threshold, labels == 1)[:, 0]

    def positive(self, predicted: Predicted) -> Floats:
        """The predictions themselves."""
        return predicted

    def even_positive(self, predicted: Predicted) -> Floats:
        """The probabilities, rescaled so that ``threshold`` becomes 0.5."""
        positive, negative = predicted * (1 - self.threshold), (1 - predicted) * self.threshold
        return np.asarray(positive / (positive + negative))

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether the probability reaches the threshold."""
        return np.asarray(predicted >= self.threshold)

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label and the probability of positive."""
        return [
            {"label": self.names[one], "probability": float(probability)}
            for one, probability in zip(self.classes(predicted), predicted, strict=True)
        ]

    def predicted(self, columns: Mapping[str, Floats]) -> Predicted:
        """The column of probabilities."""
        return columns["probability"]


BINARY = Binary()
