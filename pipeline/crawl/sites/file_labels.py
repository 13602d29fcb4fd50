"""Decides how the label column of a source's files is interpreted, from all of its values."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.crawl.parse.label_agreement import compare, disagreement
from pipeline.crawl.parse.label_schemes import (
    MAX_VALUE_CHARACTERS,
    LabelScheme,
    is_number,
    number_scheme,
    value_key,
)
from pipeline.crawl.parse.label_words import WORDS
from pipeline.crawl.parse.values import RatingReader
from pipeline.crawl.sites.file_columns import find_columns, find_texts, open_file
from pipeline.crawl.sites.label_refusals import contradiction, unknown_labels
from pipeline.errors import SourceError
from pipeline.reviews.review import LABEL_NAMES
from pipeline.settings import FileColumns, FileSource
from pipeline.storage.columns import has_column
from pipeline.storage.table_files import fingerprint

logger = logging.getLogger(__name__)

MAX_VALUES = 1_000
"""Maximum number of distinct labels to count; meaningful labels are always fewer."""
MAX_PAIRS = 20_000
"""Maximum number of distinct pairs of label and rating to count."""
MAX_STRAY_SHARE = 0.05
"""Maximum share of rows with unknown labels: they are skipped; with more, the file is refused."""

READ_BY = {"kind", "path", "columns", "columns_in_order", "items", "join_fields"}
"""Settings that decide how a file is read."""

ParseRating = Callable[[str], float | None]


@dataclass
class LabelSurvey:
    """The labels of a file, counted.

    Attributes:
        path: The file.
        columns: Its columns.
        labels: Number of rows by label, for at most ``MAX_VALUES`` labels.
        further: Number of rows with any other label.
        pairs: Number of rows by label and rating, for at most ``MAX_PAIRS`` pairs.
        is_rated: Whether any row has a rating.
    """

    path: Path
    columns: FileColumns
    labels: Counter[str] = field(default_factory=Counter)
    further: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    is_rated: bool = False

    def add(self, label: str, rating: str) -> None:
        """Count a row; ``label`` or ``rating`` is empty if the row has none."""
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


def choose_scheme(settings: FileSource, *, quiet: bool = False) -> LabelScheme:
    """Read all labels of a source's files, which share a scheme, and decide what they mean.

    If ``source.values`` gives a sentiment to a label that occurs, it is the whole scheme.

    Args:
        settings: The source.
        quiet: Do not log the scheme.

    Returns:
        The scheme; it has no meanings if there are no labels.

    Raises:
        SourceError: The labels have no clear meaning, or they contradict the ratings.
    """
    parse_rating = RatingReader(settings, settings.values).number
    paths = settings.paths if settings.columns.label else []
    surveys = [survey_labels(path, settings) for path in paths]
    surveys = [one for one in surveys if one.labels]
    found = {value_key(label): label for one in surveys for label in one.labels}
    given = {
        value_key(value): LABEL_NAMES.index(meaning) if meaning else None
        for value, meaning in settings.values.items()
        if isinstance(meaning, str)
    }
    if any(given.get(key) is not None for key in found):
        scheme = LabelScheme(given, found, is_given=True)
    else:
        scheme = _known_scheme(surveys, given, found, parse_rating)
        for survey in surveys:
            agreement = compare(survey.pairs, parse_rating)
            if differ := disagreement(agreement, scheme):
                message = contradiction(survey.labels, differ, agreement, survey.columns)
                raise SourceError(f"{survey.path}: {message}")
    if found and not quiet:
        logger.info("labels: %s", scheme)
    return scheme


def survey_labels(path: Path, settings: FileSource) -> LabelSurvey:
    """Count the labels of the rows that have a text.

    The result is cached until the file changes, so that a check before a crawl costs no second
    pass. Memory holds the distinct labels, not the rows.

    Raises:
        SourceError: The file cannot be read or has no text column.
    """
    found = settings.model_dump_json(include=READ_BY)
    return _survey(path, fingerprint(path), found)


@functools.lru_cache(maxsize=2)
def _survey(path: Path, changed: tuple[int, ...], settings_json: str) -> LabelSurvey:
    settings = FileSource.model_validate_json(settings_json)
    with open_file(path, settings, quiet=True) as (names, rows):
        columns = find_columns(names, settings).columns
        survey = LabelSurvey(path, columns)
        if columns.label and has_column(names, columns.label):
            texts = find_texts(names, columns, settings, path)
            for row in rows:
                if any(map(row.text, texts)):
                    survey.add(row.text(columns.label), row.text(columns.rating))
    return survey


def _known_scheme(
    surveys: Sequence[LabelSurvey],
    skipped: Mapping[str, int | None],
    found: Mapping[str, str],
    parse_rating: ParseRating,
) -> LabelScheme:
    """The scheme that fits the values, apart from those that ``source.values`` skips."""
    numbers = [
        {key for key in map(value_key, one.labels) if is_number(key) and key not in skipped}
        for one in surveys
    ]
    scheme = number_scheme(numbers)
    known = LabelScheme({**WORDS, **(scheme or {}), **skipped}, found)
    if scheme is None:
        refused = [one for one, own in zip(surveys, numbers, strict=True) if own]
        alone = [one for one, own in zip(surveys, numbers, strict=True) if not number_scheme([own])]
        raise _refusal(alone[:1] or refused, parse_rating)
    for survey in surveys:
        stray = survey.further + sum(
            rows for label, rows in survey.labels.items() if not known.knows(label)
        )
        if stray > MAX_STRAY_SHARE * (survey.labels.total() + survey.further):
            raise _refusal([survey], parse_rating)
    return known


def _refusal(surveys: Sequence[LabelSurvey], parse_rating: ParseRating) -> SourceError:
    """The error for labels whose meaning is unknown, in one file or in several together."""
    pairs = sum((one.pairs for one in surveys), Counter[tuple[str, str]]())
    message = unknown_labels(
        sum((one.labels for one in surveys), Counter[str]()),
        sum(one.further for one in surveys),
        compare(pairs, parse_rating),
        surveys[0].columns,
        is_rated=any(one.is_rated for one in surveys),
    )
    return SourceError(f"{' and '.join(str(one.path) for one in surveys)}: {message}")
