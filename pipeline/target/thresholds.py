"""Chooses the decision rule from probabilities to a class: a threshold, or a weight of each class.

A threshold of 0.5 is best for accuracy alone. If one class is rare, its F1 is highest at a lower
threshold for its probability (Lipton, Elkan and Narayanaswamy, "Optimal Thresholding of Classifiers
to Maximize F1 Measure", 2014). With several classes, each class needs a weight (Narasimhan et al.,
"Consistent Multiclass Algorithms for Complex Performance Measures", 2015).

The cut (threshold or weights) that is best for some held-out examples depends strongly on the few
examples of a rare class. So the examples are only used to recalibrate the probabilities (Platt,
"Probabilistic Outputs for Support Vector Machines", 1999), with a slope and a bias for each class.
The cut is then the one with the highest expected metric, given the recalibrated probabilities of
all examples.

Macro-F1 is nearly the same over a range of cuts. If complaints are rare, the cut in this range that
finds most complaints is chosen: a missed complaint costs more than a false alarm. If the examples
have many complaints, the effect of lower cuts can be estimated too; then the range ends where more
than half of the predicted complaints would be false alarms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.reviews.review import NEGATIVE
from pipeline.target.base import Predicted, Target
from pipeline.target.binary import Binary
from pipeline.target.output import Link
from pipeline.target.three import Three

Objective = Literal["f1", "balanced", "accurate"] | float

SLOPE_PRECISION = 1.0
"""Precision (inverse variance) of the normal prior of the logarithm of the slope, with mean 0."""
BIAS_PRECISION = 0.3
"""Precision of the normal prior of the biases, with mean 0; the prior is wide, because a model with
balanced class weights is off by the logarithm of the ratio of the classes."""
LOG_WEIGHTS = np.linspace(-5, 5, 101)
"""Logarithms of the class weights that are tried."""
RARE = 0.1
"""Complaints are rare if their share of the reviews is lower."""
NEARLY_BEST = 0.005
"""Loss of macro-F1 that is accepted to find more complaints if they are rare."""
MANY = 50
"""Number of complaints from which a larger loss is accepted."""
MOST_GIVEN_UP = 0.03
"""Loss of macro-F1 that is then accepted if at least half of the predicted complaints are right."""
MOST_SWEEPS = 10
BOUNDS = (0.001, 0.999)
DIGITS = 4
"""Decimal places of thresholds and weights."""


def choose(
    target: Target, labels: Labels, predicted: Predicted, objective: Objective = "f1"
) -> Target:
    """The target with the decision rule that fits held-out predictions best.

    Args:
        target: A target of two or three classes; any other is returned as it is.
        labels: Labels of examples that the model was not trained on, shape (examples,).
        predicted: The model's probabilities of these examples.
        objective: ``f1`` (macro-F1), ``balanced`` (balanced accuracy), ``accurate`` (accuracy), or
            the threshold itself, for two classes.

    Returns:
        The target with its rule; unchanged if the examples lack one of the classes.
    """
    if not isinstance(target, Binary | Three):
        return target
    if not isinstance(objective, str):
        return target.model_copy(update={"threshold": objective})
    if len(np.unique(labels)) < len(target.names):
        return target
    link = target.link
    logits = link.logits(predicted)
    slope, biases = _recalibrate(logits, labels, link)
    probabilities = target.of_each_class(link.probabilities(slope * logits + biases))
    log_weights = _LOG_WEIGHTS_FOR[objective](probabilities)
    if isinstance(target, Binary):
        cut = -(biases[0] + log_weights[1] - log_weights[0]) / slope
        threshold = float(np.clip(link.probabilities(cut), *BOUNDS))
        return target.model_copy(update={"threshold": round(threshold, DIGITS)})
    shifts = (biases + log_weights) / slope
    weights = np.maximum(np.exp(shifts - shifts[-1]), BOUNDS[0])
    return target.model_copy(
        update={"decision_weights": tuple(round(float(one), DIGITS) for one in weights)}
    )


def realign(predicted: Predicted, own: Target, to: Target) -> Predicted:
    """Shift the logits of predictions so that ``to`` then decides as ``own`` did before."""
    shift = _cut(to) - _cut(own)
    if not np.any(shift):
        return predicted
    return to.link.probabilities(to.link.logits(predicted) + shift)


def _cut(target: Target) -> Floats:
    """The logits at which the decision rule is undecided between all classes."""
    if isinstance(target, Binary):
        return target.link.logits(np.array(target.threshold))
    if isinstance(target, Three):
        return np.asarray(-np.log(target.decision_weights))
    return np.zeros(())


def _recalibrate(logits: Floats, labels: Labels, link: Link) -> tuple[float, Floats]:
    """Fit a slope and the biases, shape (outputs,), by which the logits fit the labels best."""
    from scipy.optimize import minimize

    def loss(point: Floats) -> float:
        entropies = link.cross_entropy(np.exp(point[0]) * logits + point[1:], labels)
        penalty = SLOPE_PRECISION * point[0] ** 2 + BIAS_PRECISION * np.sum(point[1:] ** 2)
        return float(np.sum(entropies) + penalty / 2)

    found = minimize(loss, np.zeros(1 + link.outputs)).x
    return float(np.exp(found[0])), found[1:]


def _for_accuracy(probabilities: Floats) -> Floats:
    return np.zeros(probabilities.shape[1])


def _for_balanced_accuracy(probabilities: Floats) -> Floats:
    return np.asarray(-np.log(probabilities.mean(axis=0)))


def _for_macro_f1(probabilities: Floats) -> Floats:
    best = _highest_macro_f1(probabilities)
    is_rare = probabilities[:, NEGATIVE].mean() < RARE
    return _find_more(probabilities, best) if is_rare else best


def _highest_macro_f1(probabilities: Floats) -> Floats:
    """Log weights by coordinate ascent on the expected macro-F1; the last weight stays 1."""
    log_weights, highest = np.zeros(probabilities.shape[1]), -np.inf
    for _ in range(MOST_SWEEPS):
        for one in range(len(log_weights) - 1):
            tried, values = _try(probabilities, log_weights, one)
            log_weights = _middle(tried[values >= values.max() - 1e-9])
        if values.max() <= highest:
            break
        highest = values.max()
    return log_weights


def _find_more(probabilities: Floats, log_weights: Floats) -> Floats:
    """Change the weight of complaints to find as many as possible at a low loss of macro-F1."""
    tried, values = _try(probabilities, log_weights, NEGATIVE)
    found, called = np.array([_found(probabilities, own) for own in tried]).T
    costs = values.max() - values
    is_near = costs <= NEARLY_BEST
    if probabilities[:, NEGATIVE].sum() >= MANY:
        is_near |= (costs <= MOST_GIVEN_UP) & (found >= called / 2)
    found = found[is_near]
    return _middle(tried[is_near][found >= found.max() - 1e-9])


def _try(probabilities: Floats, log_weights: Floats, one: int) -> tuple[Floats, Floats]:
    """Try all weights for one class; returns the log weights and expected macro-F1 of each try."""
    tried = np.tile(log_weights, (len(LOG_WEIGHTS), 1))
    tried[:, one] = LOG_WEIGHTS
    return tried, np.array([_expected_macro_f1(probabilities, own) for own in tried])


def _middle(rows: Floats) -> Floats:
    middle: Floats = rows[len(rows) // 2]
    return middle


def _found(probabilities: Floats, log_weights: Floats) -> tuple[float, int]:
    """Expected number of true complaints among the predicted ones, and number of predicted ones."""
    called = (probabilities * np.exp(log_weights)).argmax(axis=1) == NEGATIVE
    return float(probabilities[called, NEGATIVE].sum()), int(np.count_nonzero(called))


def _expected_macro_f1(probabilities: Floats, log_weights: Floats) -> float:
    """Macro-F1 in which each example counts in each class by its probability."""
    classes = (probabilities * np.exp(log_weights)).argmax(axis=1)
    count = len(log_weights)
    of_chosen = probabilities[np.arange(len(classes)), classes]
    correct = np.bincount(classes, of_chosen, count)
    both = np.bincount(classes, minlength=count) + probabilities.sum(axis=0)
    return float(np.mean(2 * correct / both))


_LOG_WEIGHTS_FOR: dict[str, Callable[[Floats], Floats]] = {
    "f1": _for_macro_f1,
    "balanced": _for_balanced_accuracy,
    "accurate": _for_accuracy,
}
