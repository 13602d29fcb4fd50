"""Inspects a file of reviews: reads it as a crawl would, and finds out what a run would do."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.crawl.sites.file import UNREAD_RATING, WORD_RATING, read_reviews
from pipeline.crawl.sites.file_columns import DEFAULTS, FoundColumns, check_columns, find_columns
from pipeline.crawl.sites.file_labels import choose_scheme, survey_labels
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped, not_understood
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.inspect.columns import has_text, name_columns
from pipeline.inspect.findings import Column, Inspection, Reason, Value
from pipeline.inspect.guess import guess_names, has_header
from pipeline.inspect.outlook import outlook
from pipeline.inspect.reading import Reading
from pipeline.inspect.scan import Scan, scan_table
from pipeline.inspect.toml import source_toml
from pipeline.inspect.values import MAX_CELL, note_values
from pipeline.redact import excerpt, printable
from pipeline.reviews.review import LABEL_NAMES, Review
from pipeline.settings import FileColumns, FileSource, Settings
from pipeline.settings.texts import places
from pipeline.storage.column_names import USUAL_NAMES
from pipeline.storage.columns import has_column, no_rows
from pipeline.storage.facts import file_facts
from pipeline.storage.formats import DELIMITERS
from pipeline.storage.table_files import table_files
from pipeline.storage.text_files import detect_format
from pipeline.storage.workbook import shown_sheets

MAX_LABELS = 12
_ADVICE = re.compile(r"source\.(values = \{.*?\})")


def inspect_file(settings: Settings, source: FileSource) -> Inspection:
    """Find out what a file of reviews contains and what a run would do with it.

    Reads the file a few times; writes nothing.

    Args:
        settings: Settings of the run.
        source: The source of the settings.

    Raises:
        SourceError: The file cannot be opened at all.
    """
    reading = Reading(source, Inspection(str(source.path)))
    scan = _scan(reading)
    found = name_columns(reading, scan)
    result = reading.result
    if scan.broken:
        result.is_broken, result.as_is = True, False
        reading.problem(scan.broken)
    elif has_text(found, scan) and _is_accepted(reading, scan):
        _read(reading, settings)
    found = find_columns(scan.names, reading.source)
    result.problems += reading.doubts
    result.columns = _columns(found.columns, reading.source, scan)
    result.toml = source_toml(
        reading.source, found.columns, _shown(found, reading.source.columns, scan), reading.notes
    )
    return result


def _scan(reading: Reading) -> Scan:
    """Count the values of the columns; if the file has no header, the columns get names."""
    path = reading.source.path
    with table_files(path) as files:
        first = files[0]
        with first.named_in_errors():
            suffix = detect_format(first.path) if first.path.is_file() else ""
        scan = scan_table(path, reading.source)
        if not scan.names:
            raise SourceError(f"{path} is empty")
        is_headerless = not reading.source.columns_in_order and not has_header(scan)
        if is_headerless and suffix in (*DELIMITERS, ".xlsx"):
            numbered = [f"column{number}" for number in range(1, len(scan.names) + 1)]
            names = guess_names(scan_table(path, _with_names(reading.source, numbered)))
            reading.source = _with_names(reading.source, names)
            reading.result.as_is = False
            scan = scan_table(path, reading.source)
            reading.problem(
                "there is no header line: name the columns with source.columns_in_order, as the "
                f"settings below do ({', '.join(names)})"
            )
        if suffix == ".xlsx" and not reading.source.sheet:
            _note_sheets(reading, shown_sheets(first.path))
        facts = file_facts(first.path, len(reading.source.columns_in_order))
        several = [printable(one.name) for one in files if one.name]
    result = reading.result
    result.files, result.rows = several, scan.rows
    result.format, result.encoding, result.delimiter = facts
    return scan


def _note_sheets(reading: Reading, sheets: list[str]) -> None:
    if len(sheets) > 1:
        others = ", ".join(map(excerpt, sheets[1:]))
        reading.problem(
            f"only the sheet {excerpt(sheets[0])} is read, not {others}: set source.sheet to read "
            "another one, or save the sheets as files of one folder",
            is_doubt=True,
        )


def _with_names(source: FileSource, names: list[str]) -> FileSource:
    return source.model_copy(update={"columns_in_order": tuple(names)})


def _is_accepted(reading: Reading, scan: Scan) -> bool:
    """Whether a run accepts the columns; if not, the reason is added to the problems."""
    source, found = reading.source, find_columns(scan.names, reading.source)
    try:
        check_columns(found, scan.names, source, source.path)
        if not scan.rows:
            raise no_rows(source.path)
    except SourceError as error:
        reading.result.as_is = False
        reading.problem(str(error))
        return False
    return True


def _read(reading: Reading, settings: Settings) -> None:
    """Read the reviews as a crawl does, and find out what the later stages would do."""
    result = reading.result
    scheme = _scheme(reading)
    if scheme is None:
        return
    reviews: list[tuple[Review, bool]] = []
    for path in reading.source.paths:
        held_out = path == reading.source.test_path
        skipped, summary = Skipped(), CrawlSummary([])
        try:
            reviews += [
                (one, held_out) for one in _reviews(path, reading.source, skipped, summary, scheme)
            ]
        except SourceError as error:
            result.as_is = False
            reading.problem(str(error))
            return
        finally:
            result.unusable += _reasons(skipped, summary)
        for notice in summary.notices:
            reading.problem(notice, is_doubt=True)
    note_values(result, [one for one, held_out in reviews if not held_out])
    result.run = outlook(reviews, settings)
    is_told = reading.asks_for_labels and result.run.unlabelled == len(reviews)
    if not (result.run.trains or is_told):
        reading.problem(result.run.does)
    if result.run.warning:
        reading.problem(result.run.warning)


def _scheme(reading: Reading) -> LabelScheme | None:
    """How the labels are interpreted; None if they cannot be read.

    If a run would refuse the labels, the inspection goes on without them.
    """
    if not reading.source.columns.label:
        return choose_scheme(reading.source, quiet=True)
    try:
        surveys = [survey_labels(path, reading.source) for path in reading.source.paths]
    except SourceError as error:
        reading.result.as_is = False
        reading.problem(str(error))
        return None
    labels = surveys[0].labels
    try:
        scheme = choose_scheme(reading.source, quiet=True)
    except SourceError as error:
        _note_labels(reading.result, labels, None)
        reading.problem(str(error))
        advice = _ADVICE.findall(str(error))
        reading.notes += [f'{one}  # confirm it and remove label = ""' for one in advice]
        reading.set_columns(label="")
        reading.asks_for_labels = True
        return choose_scheme(reading.source, quiet=True)
    _note_labels(reading.result, labels, scheme)
    return scheme


def _reviews(
    path: Path,
    source: FileSource,
    skipped: Skipped,
    summary: CrawlSummary,
    scheme: LabelScheme,
) -> list[Review]:
    values = FileValues(source, path, summary)
    batches = read_reviews(path, "", source, skipped, scheme, values)
    return [review for batch in batches for review in batch]


def _reasons(skipped: Skipped, summary: CrawlSummary) -> list[Reason]:
    """Reasons for skipped rows, and for values of the other rows that are not understood."""
    reasons = [Reason(why, rows, skipped.first.get(why, "")) for why, rows in skipped.items()]
    of_skipped = skipped[UNREAD_RATING] + skipped[WORD_RATING]
    unread = Counter(summary.unread) - Counter(ratings=of_skipped)
    return reasons + [
        Reason(
            not_understood(kind, rows),
            rows,
            summary.first_unread[kind].removeprefix("in "),
        )
        for kind, rows in unread.items()
    ]


def _note_labels(result: Inspection, labels: Counter[str], scheme: LabelScheme | None) -> None:
    for label, rows in labels.most_common(MAX_LABELS):
        meaning = scheme.sentiment(label) if scheme and scheme.knows(label) else None
        shown = "" if meaning is None else LABEL_NAMES[meaning]
        result.labels[excerpt(label)] = Value(rows, shown)


def _columns(columns: FileColumns, source: FileSource, scan: Scan) -> list[Column]:
    taken = {
        name: field for field in USUAL_NAMES for name in places(getattr(columns, field)) if name
    } | {name: f"rating of {printable(one)}" for one, name in source.aspect_ratings.items()}
    return [
        Column(
            printable(name),
            taken.get(name, ""),
            column.filled,
            [excerpt(cell, MAX_CELL) for cell in column.first],
        )
        for name, column in scan.columns.items()
    ]


def _shown(found: FoundColumns, given: FileColumns, scan: Scan) -> list[str]:
    """The fields to write as TOML: fields that the file has, and fields that must not be read."""
    names = {one: getattr(found.columns, one) for one in FileColumns.model_fields}
    return [
        one
        for one, name in names.items()
        if (name and any(has_column(scan.names, place) for place in places(name)))
        or (not getattr(given, one) and getattr(DEFAULTS, one))
    ]
