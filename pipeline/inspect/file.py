"""Inspects a file of reviews: reads it as a crawl would, and says what a run would do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.crawl.sites.file import read_reviews
from pipeline.crawl.sites.file_columns import DEFAULTS, FoundColumns, check_columns, find_columns
from pipeline.crawl.sites.file_labels import choose_scheme, survey_labels
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.inspect.findings import Column, Inspection, Reason, Value
from pipeline.inspect.guess import guess_answers, guess_names, guess_text
from pipeline.inspect.outlook import outlook
from pipeline.inspect.scan import Scan, scan_table
from pipeline.inspect.toml import source_toml
from pipeline.redact import excerpt, printable
from pipeline.reviews.review import LABEL_NAMES, Review
from pipeline.settings import FileColumns, FileSource, Settings
from pipeline.storage.column_names import USUAL_NAMES
from pipeline.storage.columns import has_column, looks_headerless, no_rows, shown_columns
from pipeline.storage.facts import file_facts
from pipeline.storage.formats import DELIMITERS
from pipeline.storage.table_files import table_files
from pipeline.storage.text_files import detect_format

MAX_CELL = 60
"""Characters of a cell in the findings."""
MAX_LABELS = 12
_ADVICE = re.compile(r"source\.(values = \{.*?\})")


@dataclass
class _Reading:
    """What is known of a file, step by step.

    Attributes:
        source: The source, with what was found out added.
        result: The findings.
        notes: Lines of the TOML to confirm.
        doubts: Problems that a run gets over, which come last.
    """

    source: FileSource
    result: Inspection
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def problem(self, message: str, *, is_doubt: bool = False) -> None:
        """Note what is to be mended, without the path of the file, which is said once."""
        of_its_kind = self.doubts if is_doubt else self.result.problems
        path = str(self.source.path)
        text = message.removeprefix(path).lstrip(":, ") if message.startswith(path) else message
        of_its_kind.append(printable(text))

    def set_columns(self, **names: str) -> None:
        """Change names of columns, without which a run would refuse the file."""
        self.result.as_is = False
        columns = self.source.columns.model_copy(update=names)
        self.source = self.source.model_copy(update={"columns": columns})


def inspect_file(settings: Settings, source: FileSource) -> Inspection:
    """Say what a file of reviews holds and what a run would do with it.

    Reads the file a few times; writes nothing.

    Args:
        settings: Of the run.
        source: The source of the settings.

    Raises:
        SourceError: The file cannot be opened at all.
    """
    reading = _Reading(source, Inspection(str(source.path)))
    scan = _scan(reading)
    found = _found_columns(reading, scan)
    result = reading.result
    if scan.broken:
        result.is_broken, result.as_is = True, False
        reading.problem(scan.broken)
    elif _has_text(found, scan) and _is_accepted(reading, scan):
        _read(reading, settings)
    found = find_columns(scan.names, reading.source)
    result.problems += reading.doubts
    result.columns = _columns(found.columns, scan)
    result.toml = source_toml(reading.source, found.columns, _shown(found, scan), reading.notes)
    return result


def _scan(reading: _Reading) -> Scan:
    """Count what the columns hold; a file without a header gets names for them."""
    path = reading.source.path
    with table_files(path) as files:
        first = files[0]
        with first.named_in_errors():
            suffix = detect_format(first.path) if first.path.is_file() else ""
        scan = scan_table(path, reading.source)
        if not scan.names:
            raise SourceError(f"{path} is empty")
        is_headerless = not reading.source.columns_in_order and looks_headerless(scan.names)
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
        facts = file_facts(first.path, len(reading.source.columns_in_order))
        several = [printable(one.name) for one in files if one.name]
    result = reading.result
    result.files, result.rows = several, scan.rows
    result.format, result.encoding, result.delimiter = facts
    return scan


def _with_names(source: FileSource, names: list[str]) -> FileSource:
    return source.model_copy(update={"columns_in_order": tuple(names)})


def _found_columns(reading: _Reading, scan: Scan) -> FoundColumns:
    """The columns as a run finds them, the text by its values if need be."""
    found = find_columns(scan.names, reading.source)
    taken = {getattr(found.columns, name) for name in FileColumns.model_fields}
    if not _has_text(found, scan):
        wanted = found.columns.text
        text = "" if wanted else guess_text(scan, taken)
        if text:
            reading.set_columns(text=text)
            reading.problem(
                f"no column has a usual name of a text; {excerpt(text)} looks like it: set "
                "source.columns.text, as the settings below do"
            )
        else:
            reading.result.as_is = False
            columns = shown_columns(scan.names)
            missing = f"there is no column {wanted}" if wanted else "no column looks like a text"
            reading.problem(f"{missing}: name it with source.columns.text: {columns}")
    for one, names in found.candidates.items():
        if len(names) > 1:
            others = " and ".join(map(excerpt, names[1:]))
            reading.problem(
                f"{excerpt(names[0])} is taken for the {one}, not {others}: if that is wrong, set "
                f"source.columns.{one}",
                is_doubt=True,
            )
    found = find_columns(scan.names, reading.source)
    if not found.has_labels:
        guesses = guess_answers(scan, {*taken, found.columns.text})
        looks = [f"{excerpt(name)} looks like a {one}" for one, name in guesses.items()]
        reading.notes += [f'columns.{one} = "{excerpt(name)}"' for one, name in guesses.items()]
        hint = f"; {' and '.join(looks)}: name it in source.columns" if looks else ""
        reading.problem(f"there is neither a label nor a rating{hint}", is_doubt=not looks)
    return found


def _has_text(found: FoundColumns, scan: Scan) -> bool:
    return bool(found.columns.text) and has_column(scan.names, found.columns.text)


def _is_accepted(reading: _Reading, scan: Scan) -> bool:
    """Whether a run takes the columns; if not, the reason is a problem."""
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


def _read(reading: _Reading, settings: Settings) -> None:
    """Read the reviews as a crawl does, and say what the stages after it would do."""
    result = reading.result
    try:
        scheme = choose_scheme(reading.source, quiet=True)
    except SourceError as error:
        _note_labels(reading, None)
        reading.problem(str(error))
        reading.notes += [
            f'{advice}  # confirm it and remove label = ""'
            for advice in _ADVICE.findall(str(error))
        ]
        reading.set_columns(label="")
        scheme = choose_scheme(reading.source, quiet=True)
    else:
        _note_labels(reading, scheme)
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
    _note_values(result, [one for one, held_out in reviews if not held_out])
    result.run = outlook(reviews, settings)
    if not result.run.trains:
        reading.problem(result.run.does)


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
    reasons = [Reason(why, rows, skipped.first.get(why, "")) for why, rows in skipped.items()]
    return reasons + [
        Reason(f"{kind} not understood", rows, summary.first_unread[kind].removeprefix("in "))
        for kind, rows in summary.unread.items()
    ]


def _note_labels(reading: _Reading, scheme: LabelScheme | None) -> None:
    if not reading.source.columns.label:
        return
    counted = survey_labels(reading.source.path, reading.source).labels
    for label, rows in counted.most_common(MAX_LABELS):
        meaning = scheme.sentiment(label) if scheme and scheme.knows(label) else None
        shown = "" if meaning is None else LABEL_NAMES[meaning]
        reading.result.labels[excerpt(label)] = Value(rows, shown)


def _note_values(result: Inspection, reviews: list[Review]) -> None:
    dates = sorted(one.date for one in reviews if one.date)
    if dates:
        result.first_date, result.last_date = dates[0], dates[-1]
    for rating in sorted((one.rating for one in reviews if one.rating is not None), reverse=True):
        key = f"{rating:g}"
        result.ratings[key] = result.ratings.get(key, 0) + 1


def _columns(columns: FileColumns, scan: Scan) -> list[Column]:
    taken = {getattr(columns, name): name for name in USUAL_NAMES if getattr(columns, name)}
    heads = {path.partition(".")[0]: what for path, what in taken.items()}
    return [
        Column(
            printable(name),
            taken.get(name, heads.get(name, "")),
            column.filled,
            [excerpt(cell, MAX_CELL) for cell in column.first],
        )
        for name, column in scan.columns.items()
    ]


def _shown(found: FoundColumns, scan: Scan) -> list[str]:
    """The fields that the TOML names: those that the file has, and those not to be read."""
    names = {one: getattr(found.columns, one) for one in FileColumns.model_fields}
    return [
        one
        for one, name in names.items()
        if (name and has_column(scan.names, name)) or (not name and getattr(DEFAULTS, one))
    ]
