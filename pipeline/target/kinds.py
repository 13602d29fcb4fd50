"""What is predicted: one of two classes, one of three, or the rating itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.arrays import Integers, Labels
from pipeline.reviews.review import LABEL_NAMES
from pipeline.target import metrics as figures
from pipeline.target.metrics import Rankings, Scorer
from pipeline.target.output import Floats, Link, Logistic, Softmax

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


DIGITS = 4
"""Decimal places of written predictions."""
THRESHOLD = 0.5
"""Probability from which an example counts as positive."""

Predicted = Floats
"""Probabilities, (examples,) of one output, else (examples, outputs); see :class:`Link`."""


class Target(BaseModel, ABC):
    """All that differs between what can be predicted; saved as ``target.json``.

    Attributes:
        kind: As in the setting ``label.target``.
        link: How logits become probabilities.
        names: Groups of examples, each of which every split must have.
        metric: The figure beside the loss, by which network and baseline are compared.
        better: 1 where more of that figure is better, -1 where less is.
        columns: What a prediction adds to a table.
        left_out: What reviews without a label are, in words.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    link: ClassVar[Link]
    names: ClassVar[tuple[str, ...]]
    metric: ClassVar[str]
    better: ClassVar[int]
    columns: ClassVar[tuple[str, ...]]
    left_out: ClassVar[str]

    @abstractmethod
    def group(self, label: float) -> int:
        """The group of ``names`` that a label belongs to."""

    @abstractmethod
    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        """Fit scikit-learn's logistic regression to weighted examples."""

    @abstractmethod
    def score(self, labels: Any, probabilities: Any) -> Any:
        """The ``metric`` of each example in Keras's operations, (batch,) from (batch, ...)."""

    @abstractmethod
    def scorer(self, labels: Labels, predicted: Predicted) -> Scorer:
        """Figures of predictions, the ``metric`` among them, by how often each example counts."""

    @abstractmethod
    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """The ``metric`` of each example, shape (examples,)."""

    @abstractmethod
    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        """What the report draws of the predictions of a model."""

    @abstractmethod
    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """How wrong each prediction is, 0 for a right one, shape (examples,)."""

    @abstractmethod
    def positive(self, predicted: Predicted) -> Floats:
        """How positive each prediction is, from 0 to 1, shape (examples,)."""

    @abstractmethod
    def truths(self, labels: Labels) -> list[Any]:
        """The labels for people to read."""

    @abstractmethod
    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The ``columns`` of each prediction, what it comes down to first."""


class _Classes(Target):
    """A label is the number of its class in ``names``."""

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
        """Whether an example is of a class, and its probability: the ROC curve is their mean."""

    def label_of(self, sentiment: int) -> int | None:
        """The class of a sentiment of :mod:`pipeline.reviews.review`, None if it has none."""
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
        return figures.of_classes(
            self.names,
            labels.astype(np.intp),
            self.classes(predicted),
            self.of_each_class(predicted),
        )

    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """See :class:`Target`: 1 for a right answer, else 0."""
        return np.asarray(self.classes(predicted) == labels, np.float64)

    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        truth, classes = labels.astype(np.intp), self.classes(predicted)
        of_each_class = self.of_each_class(predicted)
        sure = of_each_class[np.arange(len(truth)), classes]
        return {
            "confusion": figures.confusion(truth, classes, len(self.names)),
            "roc": figures.roc(self.one_against_rest(truth, predicted)),
            "reliability": figures.reliability(classes == truth, sure),
        }

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """See :class:`Target`: the probability of the class that was wrongly taken."""
        highest = self.of_each_class(predicted).max(axis=1)
        return np.where(self.classes(predicted) == labels, 0, highest)

    def truths(self, labels: Labels) -> list[Any]:
        return [self.names[int(label)] for label in labels]


class Binary(_Classes):
    """Negative or positive; one probability, that of positive."""

    kind: Literal["binary"] = "binary"
    link = Logistic()
    names = LABEL_NAMES[:2]
    columns = ("label", "probability")
    left_out = "Neither negative nor positive"

    def classes(self, predicted: Predicted) -> Integers:
        """Positive from a probability of one half."""
        return (predicted >= THRESHOLD).astype(np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """Probability of negative and of positive."""
        return np.column_stack([1 - predicted, predicted])

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Positive against negative."""
        return [(truth == 1, predicted)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """Whether the answer is right."""
        from keras import ops

        return ops.equal(probabilities >= THRESHOLD, labels >= THRESHOLD)[:, 0]

    def positive(self, predicted: Predicted) -> Floats:
        """As predicted."""
        return predicted

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label and the probability of positive."""
        return [
            {"label": self.names[one], "probability": float(probability)}
            for one, probability in zip(self.classes(predicted), predicted, strict=True)
        ]


class Three(_Classes):
    """Negative, neutral or positive; a probability of each."""

    kind: Literal["three"] = "three"
    names = ("negative", "neutral", "positive")
    link = Softmax(len(names))
    columns = ("label", "probability", *(f"probability_{name}" for name in names))
    left_out = "Without a rating or a label"

    def classes(self, predicted: Predicted) -> Integers:
        """The most probable ones."""
        return np.asarray(predicted.argmax(axis=1), np.intp)

    def of_each_class(self, predicted: Predicted) -> Floats:
        """As predicted."""
        return predicted

    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Each class against the other two."""
        return [(truth == one, probability) for one, probability in enumerate(predicted.T)]

    def score(self, labels: Any, probabilities: Any) -> Any:
        """Whether the answer is right."""
        from keras import ops

        return ops.equal(ops.argmax(probabilities, axis=1), ops.cast(labels[:, 0], "int32"))

    def positive(self, predicted: Predicted) -> Floats:
        """The probability of positive and half of that of neutral."""
        return np.asarray(predicted @ [0, 0.5, 1])

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The label, its probability, and the probability of each class."""
        rows = []
        for one, probabilities in zip(self.classes(predicted), predicted, strict=True):
            values = map(float, (probabilities[one], *probabilities))
            rows.append(dict(zip(self.columns, (self.names[one], *values), strict=True)))
        return rows


class Score(Target):
    """The rating; a label is the rating scaled to 0..1, and so is a prediction.

    The cross-entropy with such labels is lowest at their mean, as the squared error is, and does
    not fade where the output is near 0 or 1 (Papke and Wooldridge, "Econometric Methods for
    Fractional Response Variables", 1996).

    Attributes:
        lowest: Lowest rating of the source's scale.
        highest: Highest rating of it.
    """

    kind: Literal["score"] = "score"
    lowest: float
    highest: float
    link = Logistic()
    names = ("rated",)
    metric = "mean_absolute_error"
    better = -1
    columns = ("score",)
    left_out = "Without a rating"

    def label_of(self, rating: float) -> float:
        """A rating scaled to 0..1."""
        return (rating - self.lowest) / (self.highest - self.lowest)

    def ratings(self, scaled: Any) -> Floats:
        """Labels or predictions on the source's scale."""
        return self.lowest + (self.highest - self.lowest) * np.asarray(scaled, np.float64)

    def group(self, label: float) -> int:
        """All are one group."""
        return 0

    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        """Each example counts in part as a positive and in part as a negative one."""
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
        return figures.of_ratings(self.ratings(labels), self.ratings(predicted))

    def each(self, labels: Labels, predicted: Predicted) -> Floats:
        """See :class:`Target`: the absolute error on the source's scale."""
        return self.errors(labels, predicted)

    def pictures(self, labels: Labels, predicted: Predicted) -> dict[str, Any]:
        """The mean prediction for each rating."""
        return {"by_rating": figures.by_rating(self.ratings(labels), self.ratings(predicted))}

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """The absolute error on the source's scale."""
        return np.abs(self.ratings(predicted) - self.ratings(labels))

    def truths(self, labels: Labels) -> list[Any]:
        """The ratings."""
        return [round(float(rating), 4) for rating in self.ratings(labels)]

    def positive(self, predicted: Predicted) -> Floats:
        """As predicted."""
        return predicted

    def answers(self, predicted: Predicted) -> list[dict[str, Any]]:
        """The rating."""
        return [{"score": float(rating)} for rating in self.ratings(predicted)]


BINARY = Binary()
CLASSES: dict[str, Binary | Three] = {"binary": BINARY, "three": Three()}
AnyTarget = Annotated[Binary | Three | Score, Field(discriminator="kind")]


def read_target(path: Path) -> Target:
    """What a model predicts, or examples are labelled for, from their ``target.json``."""
    return TypeAdapter[Target](AnyTarget).validate_json(path.read_bytes())


def rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of a target, its numbers to ``DIGITS`` digits."""
    return {
        name: round(value, DIGITS) if isinstance(value, float) else value
        for name, value in answer.items()
    }
