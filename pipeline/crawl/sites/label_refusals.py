"""Error messages for labels that cannot be interpreted, with the TOML setting that would fix it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pipeline.crawl.parse.label_agreement import Agreement, Disagreement, fitting_meanings
from pipeline.crawl.parse.label_schemes import (
    is_number,
    number_scheme,
    value_key,
)
from pipeline.crawl.parse.label_words import WORDS
from pipeline.redact import MAX_EXCERPT, excerpt
from pipeline.reviews.review import LABEL_NAMES, NEGATIVE, NEUTRAL, POSITIVE, storable
from pipeline.settings import FileColumns
from pipeline.settings.values import SKIP

MAX_LISTED = 10
UNKNOWN = "..."
"""Placeholder for a meaning that the user fills in; not a valid meaning."""
IGNORED = 'source.columns.label = ""'
RATINGS_IGNORED = 'source.columns.rating = ""'
MOST_STARS = (5, 10)


def unknown_labels(
    labels: Counter[str],
    further: int,
    agreement: Agreement,
    columns: FileColumns,
    *,
    is_rated: bool,
) -> str:
    """The message for labels whose meaning is unknown.

    Args:
        labels: Number of rows by label.
        further: Number of rows with any other label.
        agreement: Sentiments of the ratings by label.
        columns: Column names.
        is_rated: Whether there are ratings.
    """
    message = (
        f"the labels in column {columns.label} have no clear meaning: "
        f"{_listed(labels, further)}; {_mapping(labels, agreement, columns)}"
    )
    if is_rated:
        return f"{message}, or use the ratings alone with {IGNORED}"
    if _look_like_ratings(labels):
        name = json.dumps(columns.label, ensure_ascii=False)
        return (
            f"{message}, or if they are ratings, set {IGNORED} and source.columns.rating = {name}"
        )
    return message


def contradiction(
    labels: Counter[str], differ: Disagreement, agreement: Agreement, columns: FileColumns
) -> str:
    """The message for labels that disagree with the ratings.

    Args:
        labels: Number of rows by label.
        differ: How far they disagree.
        agreement: Sentiments of the ratings by label.
        columns: Column names.
    """
    return (
        f"the labels in column {columns.label} ({_listed(labels, 0)}) contradict the ratings in "
        f"column {columns.rating} in {differ.rows:,} of {differ.compared:,} rows; use the ratings "
        f"alone with {IGNORED}, the labels alone with {RATINGS_IGNORED}, or "
        f"{_mapping(labels, agreement, columns)}"
    )


def _listed(labels: Counter[str], further: int) -> str:
    """The most common labels with their numbers of rows."""
    most = labels.most_common(MAX_LISTED)
    listed = ", ".join(f'"{excerpt(label)}" {rows:,}' for label, rows in most)
    rest = further + labels.total() - sum(rows for _, rows in most)
    return f"{listed} and {rest:,} rows with other labels" if rest else listed


def _mapping(labels: Counter[str], agreement: Agreement, columns: FileColumns) -> str:
    """The advice to set ``source.values``: as the ratings suggest, or else an example."""
    most = [label for label, _ in labels.most_common(MAX_LISTED)]
    usable = _sorted([label for label in most if len(label) <= MAX_EXCERPT])
    fitting = fitting_meanings({label: agreement[label] for label in usable if label in agreement})
    if fitting and len(fitting) == len(usable):
        return (
            f"confirm what the ratings in column {columns.rating} show with "
            f"source.values = {_toml({one: LABEL_NAMES[fitting[one]] for one in usable})}"
        )
    if example := _example(usable):
        return f"say what they mean, for example source.values = {_toml(example)}"
    return (
        'say what each means ("negative", "neutral", "positive", or "" to skip its rows) with '
        f"source.values = {_toml(dict.fromkeys(usable, UNKNOWN))}"
    )


def _example(labels: Collection[str]) -> dict[str, str]:
    """An example meaning for each label; empty if no label is known or a number.

    Known labels keep their meaning. Of unknown numbers the lowest is negative, the highest
    positive.
    """
    known = {label: WORDS[key] for label in labels if (key := value_key(label)) in WORDS}
    numbers = [label for label in labels if is_number(value_key(label))]
    if scheme := number_scheme([set(map(value_key, numbers))]):
        known |= {label: scheme[value_key(label)] for label in numbers}
    else:
        known |= _spread(numbers)
    if not known:
        return {}
    return {label: LABEL_NAMES[known[label]] if label in known else SKIP for label in labels}


def _spread(labels: Sequence[str]) -> dict[str, int]:
    spread = {labels[0]: NEGATIVE, labels[-1]: POSITIVE} if len(labels) > 1 else {}
    return spread | {labels[1]: NEUTRAL} if len(labels) == 3 else spread


def _sorted(labels: Collection[str]) -> list[str]:
    """Numbers by their size, then words."""

    def rank(label: str) -> tuple[bool, float, str]:
        key = value_key(label)
        return not is_number(key), float(key) if is_number(key) else 0.0, label

    return sorted(labels, key=rank)


def _look_like_ratings(labels: Collection[str]) -> bool:
    keys = set(map(value_key, labels))
    return any({str(most), "1"} <= keys <= set(map(str, range(most + 1))) for most in MOST_STARS)


def _toml(values: Mapping[str, str]) -> str:
    pairs = (
        f"{json.dumps(storable(value), ensure_ascii=False)} = {json.dumps(meaning)}"
        for value, meaning in values.items()
    )
    return f"{{ {', '.join(pairs)} }}"
