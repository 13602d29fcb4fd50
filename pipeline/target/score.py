"""The target without classes: the rating as a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pipeline.arrays import Labels
from pipeline.target import metrics
from pipeline.target.base import Predicted, Target
from pipeline.target.metrics import Measure, Scorer
from pipeline.target.output import Floats, Logistic

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


class Score(Target):
    """Regression of the rating; labels and predictions are ratings scaled to 0..1.

    Trains with the cross-entropy as a fractional logit (Papke and Wooldridge, "Econometric Methods
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
        """Fit with each example twice: positive weighted by its label, negative by 1 - label."""
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

    def predicted(self, columns: Mapping[str, Floats]) -> Predicted:
        """The column of ratings, scaled to 0..1."""
        return (columns["score"] - self.lowest) / (self.highest - self.lowest)
