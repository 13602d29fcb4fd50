"""Prediction targets: two classes, three classes, or the rating as a number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.arrays import Integers, Labels
from pipeline.reviews.review import LABEL_NAMES
from pipeline.target import metrics
from pipeline.target.metrics import Rankings, Scorer
from pipeline.target.output import Floats, Link, Logistic, Softmax

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


DIGITS = 4
"""Decimal places of predictions in output files."""
THRESHOLD = 0.5
"""Lowest probability that counts as positive."""

Predicted = Floats
"""Probabilities of shape (examples,) or, with several outputs, (examples, outputs)."""


class Target(BaseModel, ABC):
    """Defines labels, outputs and metrics of a prediction target; saved as ``target.json``.

    Attributes:
        kind: Value of the setting ``label.target``.
        link: Maps logits to probabilities and back, and gives the loss.
        names: Classes that must occur in every split.
        metric: Name of the primary metric, which compares network and baseline.
        better: 1 if a higher metric is better, -1 if a lower one is.
        columns: Columns that a prediction adds to a table.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    link: ClassVar[Link]
    names: ClassVar[tuple[str, ...]]
    metric: ClassVar[str]
    better: ClassVar[int]
    columns: ClassVar[tuple[str, ...]]

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
        """The ``metric`` of each example, in Keras operations.

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
    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """The ``metric`` of each example, shape (examples,)."""

    @abstractmethod
    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        """Data of the report's charts of a model's predictions."""

    @abstractmethod
    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Size of each prediction's error, 0 for a correct one, shape (examples,)."""

    @abstractmethod
    def positive(self, predicted: Predicted) -> Floats:
        """Positivity of each prediction, 0 to 1, shape (examples,)."""

    @abstractmethod
    def truths(self, labels: Labels) -> list[Any]:
        """The labels in readable form: class names or ratings."""

    @abstractmethod
    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The ``columns`` of each prediction, the predicted label or score first."""


class _Classes(Target):
    """Classification target; a label is the index of its class in ``names``."""

    metric = "accuracy"
    better = 1

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

    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """1 for a correct prediction, else 0, shape (examples,)."""
        return np.asarray(self.classes(predicted) == labels, np.float64)

    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        truth, classes = labels.astype(np.intp), self.classes(predicted)
        of_each_class = self.of_each_class(predicted)
        confidence = of_each_class[np.arange(len(truth)), classes]
        return {
            "confusion": metrics.confusion(truth, classes, len(self.names)),
            "roc": metrics.roc(self.one_against_rest(truth, predicted)),
            "reliability": metrics.reliability(classes == truth, confidence),
        }

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Probability of the predicted class if it is wrong, else 0, shape (examples,)."""
        highest = self.of_each_class(predicted).max(axis=1)
        return np.where(self.classes(predicted) == labels, 0, highest)

    def truths(self, labels: Labels) -> list[Any]:
        return [self.names[int(label)] for label in labels]


class Binary(_Classes):
    """Two classes, negative and positive, with the probability of positive as output."""

    kind: Literal["binary"] = "binary"
    link = Logistic()
    names = LABEL_NAMES[:2]
    columns = ("label", "probability")

    def classes(self, predicted: Predicted) -> Integers:
        """1 (positive) from a probability of ``THRESHOLD``, else 0."""
        return (predicted >= THRESHOLD).astype(np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """Probabilities of negative and positive, shape (examples, 2)."""
        return np.column_stack([1 - predicted, predicted])

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Positive against negative."""
        return [(truth == 1, predicted)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """1 for a correct prediction, else 0."""
        from keras import ops

        return ops.equal(probabilities >= THRESHOLD, labels >= THRESHOLD)[:, 0]

    def positive(self, predicted: Predicted) -> Floats:
        """The predictions themselves."""
        return predicted

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label and the probability of positive."""
        return [
            {"label": self.names[one], "probability": float(probability)}
            for one, probability in zip(self.classes(predicted), predicted, strict=True)
        ]


class Three(_Classes):
    """Three classes, negative, neutral and positive, with a probability of each."""

    kind: Literal["three"] = "three"
    names = ("negative", "neutral", "positive")
    link = Softmax(len(names))
    columns = ("label", "probability", *(f"probability_{name}" for name in names))

    def classes(self, predicted: Predicted) -> Integers:
        """The most probable class of each example."""
        return np.asarray(predicted.argmax(axis=1), np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """The predictions themselves."""
        return predicted

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Each class against the other two."""
        return [(truth == one, probability) for one, probability in enumerate(predicted.T)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """1 for a correct prediction, else 0."""
        from keras import ops

        return ops.equal(ops.argmax(probabilities, axis=1), ops.cast(labels[:, 0], "int32"))

    def positive(self, predicted: Predicted) -> Floats:
        """Probability of positive plus half the probability of neutral."""
        return np.asarray(predicted @ [0, 0.5, 1])

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
    better = -1
    columns = ("score",)

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
