"""Types of the content of ``metrics.json``."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

Interval = list[float]
"""Lower and upper bound at 95 %."""


class Figure(TypedDict):
    """Value of a metric on the test split and its bootstrap interval."""

    value: float
    interval: Interval


class RocCurve(TypedDict, total=False):
    """Points of a ROC curve; empty if it is not defined."""

    false_positive_rate: list[float]
    true_positive_rate: list[float]


class PrecisionRecall(TypedDict, total=False):
    """Precision-recall curve of the complaints, and their share; empty if it is not defined."""

    recall: list[float]
    precision: list[float]
    share: float


class CalibrationBin(TypedDict):
    """Mean confidence and accuracy of the examples in one bin of confidence."""

    sure: float
    right: float
    examples: int


class RatingMean(TypedDict):
    """Mean prediction for the examples of one true rating."""

    rating: float
    mean: float
    examples: int


class ModelMetrics(TypedDict):
    """Metrics of one model.

    Attributes:
        figures: Metrics by name, such as ``accuracy``; undefined metrics are left out.
        confusion: Counts by true class (rows) and predicted class (columns); classes only.
        roc: ROC curve, mean over the classes; classes only.
        precision_recall: Precision-recall curve of the complaints; classes only.
        reliability: Calibration curve; classes only.
        by_rating: Mean prediction for each true rating; ratings only.
    """

    figures: dict[str, Figure]
    confusion: NotRequired[list[list[int]]]
    roc: NotRequired[RocCurve]
    precision_recall: NotRequired[PrecisionRecall]
    reliability: NotRequired[list[CalibrationBin]]
    by_rating: NotRequired[list[RatingMean]]


class McNemar(TypedDict):
    """McNemar's exact test: numbers of examples that only one of the models gets right."""

    first: int
    second: int
    p_value: float


class ChosenBaseline(TypedDict):
    """The baseline with or without class weights, whichever is better on the validation split.

    Attributes:
        class_weights: ``balanced`` or None.
        validation: The target's metric on the validation split, by class weights (``plain``
            without); one entry if there was nothing to choose.
    """

    class_weights: str | None
    validation: dict[str, float]


class Slice(TypedDict):
    """A part of the test split, such as one aspect.

    Attributes:
        slice: What the split is divided by.
        value: Which part this is.
        examples: Number of test examples.
        network: The network's accuracy, or mean absolute error; ``interval`` is its interval.
        baseline: The same for the baseline.
    """

    slice: str
    value: str
    examples: int
    network: float
    interval: Interval
    baseline: float


class Slices(TypedDict):
    """The parts of the test split, worst for the network first, and how many were too small."""

    rows: list[Slice]
    too_small: int


LeakageWithAndWithout = TypedDict("LeakageWithAndWithout", {"with": float, "without": float | None})


class Leakage(LeakageWithAndWithout):
    """Test examples that also occur in training.

    Attributes:
        same: Number with the same text.
        near: Number with nearly the same text.
        group_overlap: Number whose group also has training examples.
        with: Accuracy, or the mean absolute error, on all test examples.
        without: The same without ``same`` and ``near``; None if no example is left.
    """

    same: int
    near: int
    group_overlap: int


class Caution(TypedDict):
    """A reason not to trust the figures: its ``kind`` and the numbers that show it."""

    kind: Literal[
        "reversed",
        "one_class",
        "few_examples",
        "worse_than_baseline",
        "groups_ignored",
        "by_hand",
        "leak",
        "no_better_than_one_answer",
        "miscalibrated",
        "no_better_than_the_mean",
    ]
    name: NotRequired[str]
    examples: NotRequired[int]
    groups: NotRequired[int]
    by_hand: NotRequired[int]
    seen: NotRequired[int]
    share: NotRequired[float]
    error: NotRequired[float]


class Scores(TypedDict):
    """Metrics of both models on the same test examples.

    Attributes:
        schema_version: Incremented when a key changes its name, place or meaning.
        examples: Number of tested examples: the test split, or all in a cross-validation.
        network: The network, or the mean of an ensemble.
        baseline: TF-IDF of character n-grams and logistic regression.
        difference: Improvement of the network over the baseline in the target's metric.
        mcnemar: For classes, and on a test split only.
    """

    schema_version: int
    examples: int
    network: ModelMetrics
    baseline: ModelMetrics
    difference: Figure
    mcnemar: NotRequired[McNemar]


class Assessment(TypedDict):
    """The part of :class:`Metrics` that the verdict is based on."""

    difference: Figure
    cautions: list[Caution]


class Metrics(Scores):
    """``metrics.json``: the scores and details on how they were measured.

    Attributes:
        folds: Number of folds of the cross-validation; 0 if there is a test split.
        targets: The prediction target of both models, with the decision rule of each.
        chosen_baseline: Which variant of the baseline was chosen.
        slices: Accuracy, or the mean absolute error, on parts of the test split.
        leakage: Test examples seen in training.
        cautions: Reasons not to trust the figures, most severe first.
        vocabulary: Details of the vocabulary and of encoding.
    """

    folds: int
    targets: dict[str, dict[str, Any]]
    chosen_baseline: ChosenBaseline
    slices: Slices
    leakage: Leakage
    cautions: list[Caution]
    vocabulary: dict[str, Any]
