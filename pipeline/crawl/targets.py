"""The targets of a source, and how they are filled into its addresses."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pipeline.errors import SourceError
from pipeline.settings.targets import PAGE, TARGET, Targets
from pipeline.storage.encoding import decode_with_name

_HEADS = {"target", "id"}
"""Names of the first column by which a header line is recognized."""


class Target(NamedTuple):
    """What a list of reviews is about, such as a product.

    Attributes:
        id: Replaces ``{target}`` in addresses; also the group of the reviews.
        name: Display name, may be empty.
    """

    id: str = ""
    name: str = ""


def each_target(targets: Targets) -> Iterator[Target]:
    """The targets of ``source.targets``; a single one without an id if there are none.

    Raises:
        SourceError: The file of the targets cannot be read or has no targets.
    """
    if isinstance(targets, Path):
        yield from _read(targets)
    elif isinstance(targets, dict):
        yield from (Target(one.strip(), name.strip()) for one, name in targets.items())
    else:
        yield from (Target(one.strip()) for one in dict.fromkeys(targets))
    if not isinstance(targets, Path) and not targets:
        yield Target()


def fill_url(template: str, target: str, page: int | None = None) -> str:
    """A URL template with target and page number filled in."""
    return _fill(template, quote(target, safe=""), page)


def fill_body(template: str, target: str, page: int | None = None) -> str:
    """A JSON body template with target and page number filled in."""
    return _fill(template, json.dumps(target, ensure_ascii=False)[1:-1], page)


def _fill(template: str, target: str, page: int | None) -> str:
    numbered = template if page is None else template.replace(PAGE, str(page))
    return numbered.replace(TARGET, target) if target else numbered


def _read(path: Path) -> Iterator[Target]:
    try:
        text, _ = decode_with_name(bytearray(path.read_bytes()), None)
    except OSError as error:
        raise SourceError(
            f"cannot read the targets {path}: {error.strerror}; fix source.targets"
        ) from error
    count = 0
    rows = csv.reader(text.splitlines(), delimiter="\t" if "\t" in text else ",")
    for place, row in enumerate(rows):
        target = Target(*(cell.strip() for cell in (*row, "", "")[:2]))
        if target.id and not (place == 0 and target.id.lower() in _HEADS):
            count += 1
            yield target
    if not count:
        raise SourceError(f"{path} has no targets: write one id in each line")
