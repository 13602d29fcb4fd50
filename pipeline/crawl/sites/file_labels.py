"""Decides how the label column of a source's files is read, from all of its values."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.crawl.parse.label_agreement import compare, disagreement
from pipeline.crawl.parse.label_schemes import (
    MAX_VALUE_CHARACTERS,
    WORDS,
    LabelScheme,
    is_number,
    number_scheme,
    value_key,
)
from pipeline.crawl.sites.label_refusals import contradiction, unknown_labels
from pipeline.errors import SourceError
from pipeline.reviews.review import LABEL_NAMES
from pipeline.settings import FileColumns, Values
from pipeline.storage.cells import cell_text
from pipeline.storage.tables import open_table, text_column

logger = logging.getLogger(__name__)

MAX_VALUES = 1_000
"""Distinct labels to count; there are never as many that mean something."""
MAX_PAIRS = 20_000
"""Distinct pairs of label and rating to count."""
MAX_STRAY_SHARE = 0.05
"""Of the labels: as many words without a meaning are skipped, more are refused."""

ParseRating = Callable[[str], float | None]


@dataclass
class LabelSurvey:
    """The labels of a file, counted.

    Attributes:
        path: The file.
        labels: Number of rows by label, of at most ``MAX_VALUES``.
        further: Number of rows with any other label.
        pairs: Number of rows by label and rating, of at most ``MAX_PAIRS``.
        is_rated: Whether any row has a rating.
    """

    path: Path
    labels: Counter[str] = field(default_factory=Counter)
    further: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    is_rated: bool = False

    def add(self, label: str, rating: str) -> None:
        """Count a row; empty if the row has no label or no rating."""
        self.is_rated = self.is_rated or bool(rating)
        if not label:
            return
        label = label[: MAX_VALUE_CHARACTERS + 1]  # enough to tell that it is too long
        if label not in self.labels and len(self.labels) == MAX_VALUES:
            self.further += 1
            return
        self.labels[label] += 1
        pair = label, rating[:MAX_VALUE_CHARACTERS]
        if rating and (pair in self.pairs or len(self.pairs) < MAX_PAIRS):
            self.pairs[pair] += 1


def choose_scheme(
    paths: Sequence[Path], columns: FileColumns, values: Values, parse_rating: ParseRating
) -> LabelScheme:
    """Read all labels of a source's files and decide what they mean.

    A file is read once for this; memory holds its distinct labels, not its rows.

    Args:
        paths: The files, which share a scheme.
        columns: Column names.
        values: Setting ``source.values``. If it gives a sentiment to a label that occurs, it is
            the whole scheme.
        parse_rating: Reads a rating, None if it is unreadable.

    Returns:
        The scheme, without meanings if there are no labels.

    Raises:
        SourceError: The labels have no clear meaning, or they contradict the ratings.
    """
    surveys = [survey_labels(path, columns) for path in paths] if columns.label else []
    surveys = [one for one in surveys if one.labels]
    found = {value_key(label): label for one in surveys for label in one.labels}
    given = {
        value_key(value): LABEL_NAMES.index(meaning) if meaning else None
        for value, meaning in values.items()
        if isinstance(meaning, str)
    }
    if any(given.get(key) is not None for key in found):
        scheme = LabelScheme(given, found, is_given=True)
    else:
        scheme = _known_scheme(surveys, given, found, columns, parse_rating)
        for survey in surveys:
            agreement = compare(survey.pairs, parse_rating)
            if differ := disagreement(agreement, scheme):
                message = contradiction(survey.labels, differ, agreement, columns)
                raise SourceError(f"{survey.path}: {message}")
    if found:
        logger.info("labels: %s", scheme)
    return scheme


def survey_labels(path: Path, columns: FileColumns) -> LabelSurvey:
    """Count the labels of the rows that have a text.

    Raises:
        SourceError: The file cannot be read or has no text column.
    """
    survey = LabelSurvey(path)
    with open_table(path) as (names, rows):
        if columns.label in names:
            text = text_column(names, columns.text, path)
            for row in rows:
                if cell_text(row.get(text)):
                    rating = cell_text(row.get(columns.rating)) if columns.rating else ""
                    survey.add(cell_text(row.get(columns.label)), rating)
    return survey


def _known_scheme(
    surveys: Sequence[LabelSurvey],
    skipped: Mapping[str, int | None],
    found: Mapping[str, str],
    columns: FileColumns,
    parse_rating: ParseRating,
) -> LabelScheme:
    """The scheme that the values show, without those that ``source.values`` skips."""
    numbers = [
        {key for key in map(value_key, one.labels) if is_number(key) and key not in skipped}
        for one in surveys
    ]
    scheme = number_scheme(numbers)
    known = LabelScheme({**WORDS, **(scheme or {}), **skipped}, found)
    if scheme is None:
        refused = [one for one, own in zip(surveys, numbers, strict=True) if own]
        alone = [one for one, own in zip(surveys, numbers, strict=True) if not number_scheme([own])]
        raise _refusal(alone[:1] or refused, columns, parse_rating)
    for survey in surveys:
        stray = survey.further + sum(
            rows for label, rows in survey.labels.items() if not known.knows(label)
        )
        if stray > MAX_STRAY_SHARE * (survey.labels.total() + survey.further):
            raise _refusal([survey], columns, parse_rating)
    return known


def _refusal(
    surveys: Sequence[LabelSurvey], columns: FileColumns, parse_rating: ParseRating
) -> SourceError:
    """The error for labels whose meaning is unknown, in one file or in several together."""
    pairs = sum((one.pairs for one in surveys), Counter[tuple[str, str]]())
    message = unknown_labels(
        sum((one.labels for one in surveys), Counter[str]()),
        sum(one.further for one in surveys),
        compare(pairs, parse_rating),
        columns,
        is_rated=any(one.is_rated for one in surveys),
    )
    return SourceError(f"{' and '.join(str(one.path) for one in surveys)}: {message}")
