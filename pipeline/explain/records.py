"""Types of the content of ``explanation.json``."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class DriverRecord(TypedDict):
    """A token or phrase and its effect; see :class:`pipeline.explain.drivers.Driver`."""

    phrase: str
    documents: int
    share: float
    effect: float
    interval: list[float]
    examples: list[str]
    tokens: list[str]
    weight: float


class Drivers(TypedDict):
    """The phrases that raise the logit, and the phrases that lower it, strongest first."""

    up: list[DriverRecord]
    down: list[DriverRecord]


class AspectDrivers(Drivers):
    """Drivers in the ``texts`` of one aspect."""

    texts: int


class HardExample(TypedDict):
    """An error of the network.

    Attributes:
        label: The true class or rating.
        network: The network's prediction, as ``predict`` gives it.
        baseline: The baseline's prediction.
        doubtful: Whether the label itself may be wrong.
        pieces: The text in order, each piece with its contribution to the logit.
    """

    label: Any
    network: dict[str, Any]
    baseline: dict[str, Any]
    doubtful: bool
    pieces: list[tuple[str, float]]


class Explanation(Drivers):
    """``explanation.json``.

    Attributes:
        schema_version: Incremented when a key changes its name, place or meaning.
        texts: Number of reviews that were explained.
        examples: Number of labelled reviews that they were sampled from.
        aspects: Drivers by aspect.
        related: Nearest words in the embedding, with their cosine similarity, by driver.
        errors: The network's worst errors on the tested reviews.
    """

    schema_version: int
    texts: int
    examples: int
    aspects: dict[str, AspectDrivers]
    related: dict[str, list[tuple[str, float]]]
    errors: list[HardExample]


class Complaint(TypedDict):
    """A review that was judged negative.

    Attributes:
        group: Name of its group, or the group's id if it has no name; may be empty.
        date: ISO date; may be empty.
        probability: Probability of positive.
        pieces: The text in order, each piece with its contribution to the logit.
    """

    group: str
    date: str
    probability: float
    pieces: list[tuple[str, float]]


class UncheckedExplanation(Drivers):
    """``explanation.json`` of a source without labels.

    Attributes:
        schema_version: Incremented when a key changes its name, place or meaning.
        texts: Number of reviews that were explained.
        examples: Number of reviews that they were sampled from.
        complaints: The reviews judged most negative.
    """

    schema_version: int
    texts: int
    examples: int
    complaints: list[Complaint]
