"""The base class of targets with classes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.arrays import Integers, Labels
from pipeline.reviews.review import LABEL_NAMES
from pipeline.target import metrics
from pipeline.target.base import Predicted, Target
from pipeline.target.metrics import Measure, Rankings, Scorer
from pipeline.target.output import Floats

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


class Classes(Target):
    """A classification target; a label is the index of its class in ``names``."""

    metric = "macro_f1"
    each_metric = "accuracy"
    better = 1

    @abstractmethod
    def classes(self, predicted: Predicted) -> Integers:
        """The predicted class of each example."""

    @abstractmethod
    def of_each_class(self, predicted: Predicted) -> Floats:
        """Probability of each class, shape (examples, classes)."""

    @abstractmethod
    def one_against_rest(self, truth: Integers, predicted: Predicted) -> Rankings:
        """Truth and probability of each class over which ROC curves are averaged."""

    def label_of(self, sentiment: int) -> int | None:
        """Class of a sentiment of :mod:`pipeline.reviews.review`, None if not in ``names``."""
        name = LABEL_NAMES[sentiment]
        return self.names.index(name) if name in self.names else None

    def group(self, label: float) -> int:
        """The label itself."""
        return int(label)

    def regress(
        self, regression: LogisticRegression, features: Any, labels: Labels, weights: Floats
    ) -> None:
        """Fit to the classes."""
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
        """The confusion matrix and the curves: ROC, precision and recall, reliability."""
        truth, classes = labels.astype(np.intp), self.classes(predicted)
        of_each_class = self.of_each_class(predicted)
        likeliest = of_each_class.argmax(axis=1)
        return {
            "confusion": metrics.confusion(truth, classes, len(self.names)),
            "roc": metrics.roc(self.one_against_rest(truth, predicted)),
            "precision_recall": metrics.precision_recall(
                truth == self.names.index("negative"),
                of_each_class[:, self.names.index("negative")],
            ),
            "reliability": metrics.reliability(likeliest == truth, of_each_class.max(axis=1)),
        }

    def errors(self, labels: Labels, predicted: Predicted) -> Floats:
        """Probability of the predicted class if it is wrong, else 0, shape (examples,)."""
        classes = self.classes(predicted)
        confidence = self.of_each_class(predicted)[np.arange(len(labels)), classes]
        return np.where(classes == labels, 0, confidence)

    def truths(self, labels: Labels) -> list[Any]:
        """The names of the classes."""
        return [self.names[int(label)] for label in labels]
