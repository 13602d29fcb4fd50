"""Finds the columns of a file, by their values if necessary."""

from __future__ import annotations

from pipeline.crawl.sites.file_columns import DEFAULTS, FoundColumns, find_columns, has_sides
from pipeline.inspect.days import find_day
from pipeline.inspect.guess import (
    find_nested,
    guess_answers,
    guess_text,
    have_usual_scale,
)
from pipeline.inspect.names import is_of_reply
from pipeline.inspect.reading import Reading
from pipeline.inspect.scan import Scan
from pipeline.inspect.toml import toml_value
from pipeline.redact import excerpt
from pipeline.settings.texts import places
from pipeline.storage.column_names import USUAL_NAMES
from pipeline.storage.columns import has_column, shown_columns


def name_columns(reading: Reading, scan: Scan) -> FoundColumns:
    """The columns as a run finds them; if necessary, the text column is guessed by its values."""
    _name_nested(reading, scan)
    found = find_columns(scan.names, reading.source)
    taken = set(found.columns.names)
    if not has_text(found, scan):
        wanted = ", ".join(found.columns.texts)
        replies = {one for one in scan.columns if any(map(is_of_reply, one.split(".")))}
        text = "" if wanted else guess_text(scan, taken | replies) or guess_text(scan, taken)
        if text:
            reading.set_columns(text=text)
            reading.problem(
                f"no column has a known name for texts, but {excerpt(text)} looks like the text: "
                "set source.columns.text, as the settings below do"
            )
        else:
            reading.result.as_is = False
            columns = shown_columns(scan.names)
            missing = f"there is no column {wanted}" if wanted else "no column looks like a text"
            reading.problem(f"{missing}: set source.columns.text to one of {columns}")
        if len(scan.names) == 1 and not wanted:
            reading.problem(
                f"if the first line, {excerpt(scan.names[0])}, is a review and not a header, set "
                'source.columns_in_order = ["text"]',
                is_doubt=True,
            )
    for one, names in found.candidates.items():
        if len(names) > 1:
            others = " and ".join(map(excerpt, names[1:]))
            reading.problem(
                f"{excerpt(names[0])} is used as the {one}, not {others}: if that is wrong, set "
                f"source.columns.{one}",
                is_doubt=True,
            )
    found = find_columns(scan.names, reading.source)
    guesses = {} if found.has_labels else guess_answers(scan, {*taken, *found.columns.texts})
    if guesses:
        looks = " and ".join(f"{excerpt(name)} looks like a {one}" for one, name in guesses.items())
        reading.notes += [f"columns.{one} = {toml_value(name)}" for one, name in guesses.items()]
        reading.asks_for_labels = True
        reading.problem(
            f"no label or rating column was found, but {looks}: name it in source.columns"
        )
    used = {*taken, *found.columns.texts, *guesses.values()}
    is_open = reading.source.columns.date == DEFAULTS.date
    is_missing = is_open and not has_column(scan.names, found.columns.date)
    if day := find_day(scan, used) if is_missing else "":
        reading.notes.append(f"columns.date = {toml_value(day)}")
        reading.problem(
            f"no date column was found, but {excerpt(day)} looks like one: name it in "
            "source.columns.date, if it is the day of the review",
            is_doubt=True,
        )
    _note_gaps(reading, scan, found.columns.group)
    _note_aspects(reading, scan, found)
    return found


def _note_gaps(reading: Reading, scan: Scan, group: str) -> None:
    """Say that most rows have no group, as if its cells are merged."""
    filled = scan.columns[group].filled if group in scan.columns else 0
    if 0 < filled < scan.rows / 2:
        reading.problem(
            f"only {filled:,} of {scan.rows:,} rows have a group ({excerpt(group)}): if its cells "
            "are merged, fill in each row",
            is_doubt=True,
        )


def _note_aspects(reading: Reading, scan: Scan, found: FoundColumns) -> None:
    """Suggest the other columns that look like ratings as the ratings of aspects."""
    used = {*found.columns.names, *reading.source.aspect_ratings.values()}
    further = {
        name: name
        for name, column in scan.columns.items()
        if name not in used and have_usual_scale(column)
    }
    if found.columns.rating in scan.columns and further:
        reading.notes.append(f"aspect_ratings = {toml_value(further)}  # if they rate aspects")


def _name_nested(reading: Reading, scan: Scan) -> None:
    """For fields without a column, use values within objects that have a usual name."""
    found = find_columns(scan.names, reading.source).columns
    nested = {
        one: find_nested(scan, one)
        for one in USUAL_NAMES
        if getattr(reading.source.columns, one) == getattr(DEFAULTS, one)
        and not set(places(getattr(found, one))) <= scan.columns.keys()
    }
    if named := {one: path for one, path in nested.items() if path}:
        reading.set_columns(**named)
        shown = ", ".join(f"{one} {excerpt(path)}" for one, path in named.items())
        reading.problem(
            f"values inside objects are not columns: give their paths in source.columns, as the "
            f"settings below do ({shown})"
        )


def has_text(found: FoundColumns, scan: Scan) -> bool:
    """Whether a table has the text column, or the texts of two sides."""
    if not found.columns.text and has_sides(found.columns, scan.names):
        return True
    return all(name and has_column(scan.names, name) for name in found.columns.texts)
