"""Prediction targets: two classes, three classes, or the rating as a number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, TypeAdapter

from pipeline.arrays import Bools, Integers, Labels
from pipeline.reviews.review import LABEL_NAMES
from pipeline.target import metrics
from pipeline.target.metrics import Measure, Rankings, Scorer
from pipeline.target.output import Floats, Link, Logistic, Softmax

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


DIGITS = 4
"""Decimal places of predictions in output files."""
EVEN = 0.5
"""Threshold of a model whose classes count alike; positivity from which a text is positive."""

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
        better: 1 if higher metrics are better, -1 if lower ones are.
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
        """How a class follows from the probabilities, in words; empty without classes."""

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
        """Data of the report's charts of a model's predictions."""

    @abstractmethod
    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Size of each prediction's error, 0 for a correct one, shape (examples,)."""

    @abstractmethod
    def positive(self, predicted: Predicted) -> Floats:
        """Positivity of each prediction, 0 to 1, shape (examples,)."""

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether each prediction is rather positive than negative, shape (examples,)."""
        return np.asarray(self.positive(predicted) >= EVEN)

    @abstractmethod
    def truths(self, labels: Labels) -> list[Any]:
        """The labels in readable form: class names or ratings."""

    @abstractmethod
    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The ``columns`` of each prediction, the predicted label or score first."""


class _Classes(Target):
    """Classification target; a label is the index of its class in ``names``."""

    metric = "macro_f1"
    each_metric = "accuracy"
    better = 1

    @property
    def undecided(self) -> Target:
        """The same classes with the default decision rule."""
        return CLASSES[self.kind]

    @abstractmethod
    def classes(self, predicted: Predicted) -> Integers:
        """The predicted class of each example."""

    @abstractmethod
    def of_each_class(self, predicted: Predicted) -> Floats:
        """Probability of each class, shape (examples, classes)."""

    @abstractmethod
    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Truth and probability of the classes over which ROC curves are averaged."""

    def label_of(self, sentiment: int) -> int | None:
        """Class of a sentiment of :mod:`pipeline.reviews.review`, None if not in ``names``."""
        name = LABEL_NAMES[sentiment]
        return self.names.index(name) if name in self.names else None

    def group(self, label: float) -> int:
        return int(label)

    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        regression.fit(features, labels, sample_weight=weights)

    def scorer(self, labels: Labels, predicted: Predicted) -> Scorer:
        """See :func:`pipeline.target.metrics.of_classes`."""
        return metrics.of_classes(
            self.names,
            labels.astype(np.intp),
            self.classes(predicted),
            self.of_each_class(predicted),
        )

    def measure(self, labels: Labels, predicted: Predicted) -> Measure:
        """See :func:`pipeline.target.metrics.macro_f1`."""
        return metrics.macro_f1(labels.astype(np.intp), self.classes(predicted), len(self.names))

    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """1 for a correct prediction, else 0, shape (examples,)."""
        return np.asarray(self.classes(predicted) == labels, np.float64)

    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        truth, classes = labels.astype(np.intp), self.classes(predicted)
        of_each_class = self.of_each_class(predicted)
        likeliest = of_each_class.argmax(axis=1)
        return {
            "confusion": metrics.confusion(truth, classes, len(self.names)),
            "roc": metrics.roc(self.one_against_rest(truth, predicted)),
            "reliability": metrics.reliability(likeliest == truth, of_each_class.max(axis=1)),
        }

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Probability of the predicted class if it is wrong, else 0, shape (examples,)."""
        classes = self.classes(predicted)
        confidence = self.of_each_class(predicted)[np.arange(len(labels)), classes]
        return np.where(classes == labels, 0, confidence)

    def truths(self, labels: Labels) -> list[Any]:
        return [self.names[int(label)] for label in labels]


class Binary(_Classes):
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
    def rule(self) -> str:
        """Such as ``positive from 0.83``."""
        return f"positive from {self.threshold:g}"

    def classes(self, predicted: Predicted) -> Integers:
        """1 (positive) from a probability of ``threshold``, else 0."""
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

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether the probability reaches the threshold."""
        return np.asarray(predicted >= self.threshold)

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label and the probability of positive."""
        return [
            {"label": self.names[one], "probability": float(probability)}
            for one, probability in zip(self.classes(predicted), predicted, strict=True)
        ]


class Three(_Classes):
    """Three classes, negative, neutral and positive, with a probability of each.

    Attributes:
        decision_weights: The predicted class has the highest product of probability and weight.
    """

    kind: Literal["three"] = "three"
    decision_weights: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (1, 1, 1)
    names = ("negative", "neutral", "positive")
    link = Softmax(len(names))
    columns = ("label", "probability", *(f"probability_{name}" for name in names))

    @property
    def rule(self) -> str:
        """Such as ``probabilities weighted 1.8 : 1.2 : 1``."""
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

    def is_positive(self, predicted: Predicted) -> Bools:
        """Whether positive has at least the weighted probability of negative."""
        weighted = predicted * self.decision_weights
        return np.asarray(weighted[:, 2] >= weighted[:, 0])

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label, its probability, and the probability of each class."""
        rows = []
        for one, probabilities in zip(self.classes(predicted), predicted, strict=True):
            values = map(float, (probabilities[one], *probabilities))
            rows.append(dict(zip(self.columns, (self.names[one], *values), strict=True)))
        return rows


class Score(Target):
    """Regression of the rating; labels and predictions are ratings scaled to 0..1.

    Trains with the cross-entropy, a fractional logit (Papke and Wooldridge, "Econometric Methods
    for Fractional Response Variables", 1996): like the squared error it is minimal at the mean
    label, but its gradient does not vanish at outputs near 0 or 1.

    Attributes:
        lowest: Lowest rating of the scale.
        highest: Highest rating of the scale.
    """

    kind: Literal["score"] = "score"
    lowest: float
    highest: float
    link = Logistic()
    names = ("rated",)
    metric = "mean_absolute_error"
    each_metric = metric
    better = -1
    columns = ("score",)

    @property
    def undecided(self) -> Target:
        """The target itself: there is nothing to decide."""
        return self

    @property
    def rule(self) -> str:
        """Empty: there are no classes."""
        return ""

    def label_of(self, rating: float) -> float:
        """Scale a rating to 0..1."""
        return (rating - self.lowest) / (self.highest - self.lowest)

    def ratings(self, scaled: Any) -> Floats:
        """Convert labels or predictions to the scale of the source."""
        return self.lowest + (self.highest - self.lowest) * np.asarray(scaled, np.float64)

    def group(self, label: float) -> int:
        """Always 0: there are no classes."""
        return 0

    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        """Fit with each example twice: positive with weight ``label``, negative with the rest."""
        import scipy.sparse as sp

        regression.fit(
            sp.vstack([features, features], format="csr"),
            np.repeat([1, 0], len(labels)),
            sample_weight=np.concatenate([weights * labels, weights * (1 - labels)]),
        )

    def score(self, labels: Any, probabilities: Any) -> Any:
        """The absolute error on the source's scale."""
        from keras import ops

        return (self.highest - self.lowest) * ops.abs(labels - probabilities)[:, 0]

    def scorer(self, labels: Labels, predicted: Predicted) -> Scorer:
        """See :func:`pipeline.target.metrics.of_ratings`."""
        return metrics.of_ratings(self.ratings(labels), self.ratings(predicted))

    def measure(self, labels: Labels, predicted: Predicted) -> Measure:
        """The weighted mean of :meth:`each`."""
        errors = self.each(labels, predicted)
        return lambda weights: float(weights @ errors / weights.sum())

    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """The absolute error on the source's scale, shape (examples,)."""
        return self.errors(labels, predicted)

    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        """The mean prediction for each rating."""
        return {"by_rating": metrics.by_rating(self.ratings(labels), self.ratings(predicted))}

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """The absolute error on the source's scale."""
        return np.abs(self.ratings(predicted) - self.ratings(labels))

    def truths(self, labels: Labels) -> list[Any]:
        """The ratings."""
        return [round(float(rating), 4) for rating in self.ratings(labels)]

    def positive(self, predicted: Predicted) -> Floats:
        """The predictions themselves."""
        return predicted

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The rating."""
        return [{"score": float(rating)} for rating in self.ratings(predicted)]


BINARY = Binary()
CLASSES: dict[str, Binary | Three] = {"binary": BINARY, "three": Three()}
Targets = Mapping[str, Target]
"""The target of each model by its name, ``network`` and ``baseline``: their rules differ."""
AnyTarget = Annotated[Binary | Three | Score, Field(discriminator="kind")]


def read_target(path: Path) -> Target:
    """Read a ``target.json``."""
    return TypeAdapter[Target](AnyTarget).validate_json(path.read_bytes())


def rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """Round the numbers of a prediction to ``DIGITS`` decimal places."""
    return {
        name: round(value, DIGITS) if isinstance(value, float) else value
        for name, value in answer.items()
    }
