"""The base class of prediction targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from pipeline.arrays import Bools, Labels
from pipeline.target.metrics import Measure, Scorer
from pipeline.target.output import Floats, Link

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


DIGITS = 4
"""Decimal places of predictions in output files."""
EVEN = 0.5
"""Default threshold if all classes count equally; lowest positivity of a positive text."""

Predicted = Floats
"""Probabilities of shape (examples,) or, with several outputs, (examples, outputs)."""


class Target(BaseModel, ABC):
    """Defines labels, outputs and metrics of a prediction target; saved as ``target.json``.

    Attributes:
        kind: Value of the setting ``label.target``.
        link: Maps logits to probabilities and back, and gives the loss.
        names: Classes that must occur in every split.
        metric: Name of the primary metric, which compares models.
        each_metric: Name of the metric that is a mean over the examples, see :meth:`each`.
        better: 1 if a higher metric is better, -1 if a lower one is.
        columns: Columns that a prediction adds to a table.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    link: ClassVar[Link]
    names: ClassVar[tuple[str, ...]]
    metric: ClassVar[str]
    each_metric: ClassVar[str]
    better: ClassVar[int]
    columns: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def undecided(self) -> Target:
        """The same target with the default decision rule; equal for comparable models."""

    @property
    @abstractmethod
    def rule(self) -> str:
        """The decision rule from probabilities to a class, in words; empty without classes."""

    @abstractmethod
    def group(self, label: float) -> int:
        """Index into ``names`` of a label's class."""

    @abstractmethod
    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        """Fit a logistic regression to features (examples, features), labels and sample weights."""

    @abstractmethod
    def score(self, labels: Any, probabilities: Any) -> Any:
        """The ``each_metric`` of each example, in Keras operations.

        Args:
            labels: Tensor (batch, 1).
            probabilities: Tensor (batch, outputs).

        Returns:
            Tensor (batch,).
        """

    @abstractmethod
    def scorer(self, labels: Labels, predicted: Predicted) -> Scorer:
        """Make a function from sample weights to metrics, ``metric`` among them."""

    @abstractmethod
    def measure(self, labels: Labels, predicted: Predicted) -> Measure:
        """Make a function from sample weights to ``metric`` alone."""

    @abstractmethod
    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """The ``each_metric`` of each example, shape (examples,)."""

    @abstractmethod
    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        """Data for the report's charts of a model's predictions."""

    @abstractmethod
    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Size of each prediction's error, 0 for a correct one, shape (examples,)."""

    @abstractmethod
    def positive(self, predicted: Predicted) -> Floats:
        """Positivity of each prediction, 0 to 1, shape (examples,)."""

    def even_positive(self, predicted: Predicted) -> Floats:
        """Positivity, rescaled to be :data:`EVEN` where the decision rule is undecided."""
        return self.positive(predicted)

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether each prediction is more positive than negative, shape (examples,)."""
        return np.asarray(self.positive(predicted) >= EVEN)

    @abstractmethod
    def truths(self, labels: Labels) -> list[Any]:
        """The labels in readable form: class names or ratings."""

    @abstractmethod
    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The ``columns`` of each prediction, the predicted label or score first."""

    @abstractmethod
    def predicted(self, columns: Mapping[str, Floats]) -> Predicted:
        """The predictions from which :meth:`answers` made these columns."""


Targets = Mapping[str, Target]
"""The target of each model by name, ``network`` or ``baseline``; their decision rules differ."""


def rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """Round the numbers of a prediction to ``DIGITS`` decimal places."""
    return {
        name: round(value, DIGITS) if isinstance(value, float) else value
        for name, value in answer.items()
    }
