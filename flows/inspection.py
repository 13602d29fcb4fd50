"""Output of ``inspect`` for people: at most one screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.crawl.skipped import counted
from pipeline.inspect.findings import Inspection
from pipeline.redact import printable

WIDTH = 100
"""Width of the output if it does not go to a terminal."""
MAX_COLUMNS, MAX_VALUES, MAX_REASONS, MAX_PROBLEMS, MAX_BINS = 10, 8, 4, 6, 11
BAR = 24
NAME_WIDTH, FACTS_WIDTH = 20, 21
"""Widths of the column ``column``, and of ``used as`` and ``filled`` with the spaces between."""


def show(found: Inspection) -> None:
    """Print the findings."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, lines in _facts(found).items():
        for number, line in enumerate(lines):
            facts.add_row("" if number else name, Text(line))
    with console.capture() as captured:
        for part in (_title(found), "", _columns(found, console.width), "", facts, ""):
            console.print(part)
        for line in found.toml.splitlines():
            console.print(Text(line), soft_wrap=True)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _title(found: Inspection) -> Text:
    files = _number(len(found.files), "file") if found.files else ""
    separated = f"fields separated by {found.delimiter}" if found.delimiter else ""
    rows = _number(found.rows, "review" if found.is_page else "row")
    rows += " before the first error" if found.is_broken else ""
    facts = (files, found.format, found.encoding, separated, rows)
    return Text(f"{printable(found.path)}: {', '.join(filter(None, facts))}")


def _number(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def _columns(found: Inspection, width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    rows = max((len(one.first) for one in found.columns), default=0)
    of_row = max(8, (width - NAME_WIDTH - FACTS_WIDTH) // max(rows, 1) - 2)
    for name, widest in (
        *(("column", NAME_WIDTH), ("used as", None), ("filled", None)),
        *((f"row {number}", of_row) for number in range(1, rows + 1)),
    ):
        table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=widest)
    shown = sorted(found.columns, key=lambda one: not one.taken_for)[:MAX_COLUMNS]
    for one in found.columns:
        if one in shown:
            filled = one.filled / found.rows if found.rows else 0.0
            cells = (*one.first, *[""] * (rows - len(one.first)))
            share = f"{filled:.0%}" if one.filled == found.rows else f"{min(filled, 0.99):.0%}"
            table.add_row(*map(Text, (one.name or "(no name)", one.taken_for, share, *cells)))
    if more := len(found.columns) - len(shown):
        table.add_row(Text(f"and {more} more"))
    return table


def _facts(found: Inspection) -> Mapping[str, list[str]]:
    facts = {
        "labels": _labels(found),
        "ratings": _ratings(found.ratings),
        "dates": [f"{found.first_date} to {found.last_date}"] if found.first_date else [],
        "not used": [
            counted(one.rows, one.why) + (f" (first in {one.first})" if one.first else "")
            for one in found.unusable[:MAX_REASONS]
        ],
        "a run": _run(found),
        "fix first": [
            f"{number}. {one}" for number, one in enumerate(found.problems[:MAX_PROBLEMS], 1)
        ],
    }
    return {name: lines for name, lines in facts.items() if lines}


def _labels(found: Inspection) -> list[str]:
    named = [
        f'"{label}" {one.rows:,} ({one.meaning or "no known meaning"})'
        for label, one in list(found.labels.items())[:MAX_VALUES]
    ]
    return [", ".join(named)] if named else []


def _ratings(ratings: Mapping[str, int]) -> list[str]:
    bins: dict[str, int] = {}
    for rating, rows in ratings.items():
        name = rating if len(ratings) <= MAX_BINS else _bin(float(rating), _highest(ratings))
        bins[name] = bins.get(name, 0) + rows
    most, width = max(bins.values(), default=1), max(map(cell_len, bins), default=0)
    return [
        f"{name:>{width}} {'█' * max(1, round(BAR * rows / most))} {rows:,}"
        for name, rows in bins.items()
    ]


def _highest(ratings: Iterable[str]) -> float:
    return max(map(float, ratings))


def _bin(rating: float, highest: float) -> str:
    """Name of a rating's bin; bins are 1 wide on scales up to 10, else 10 wide."""
    step = 1 if highest <= 10 else 10
    begin = int(rating // step) * step
    return f"{begin}-{begin + step}"


def _run(found: Inspection) -> list[str]:
    refused = [] if found.as_is else ["a run rejects the file as it is"]
    run = found.run
    if run is None:
        return refused
    if refused:
        refused[0] += "; with the settings below:"
    classes = ", ".join(f"{number:,} {name}" for name, number in run.classes.items())
    without = f"; {run.unlabelled:,} without a label" if run.unlabelled and run.classes else ""
    examples = f"examples: {classes}{without}" if classes else ""
    splits = ", ".join(f"{number:,} {name}" for name, number in run.splits.items() if number)
    rule = f"labels: {run.rule}" if run.rule else ""
    does = f"{run.does} ({splits})" if splits else "trains nothing, see below"
    return [*refused, *filter(None, (does, examples, rule))]
