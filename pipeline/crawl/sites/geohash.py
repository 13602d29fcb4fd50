"""Geohash cells of prefixes and bounding boxes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from pygeohash import BoundingBox, geohashes_in_box, get_bounding_box

from pipeline.errors import SettingsError

BASE_32 = "0123456789bcdefghjkmnpqrstuvwxyz"
LEVEL = 5
LIMIT = len(BASE_32) ** 3
"""Maximum number of cells of one crawl: an area of about 700 km by 1,000 km."""

Box = tuple[float, float, float, float]


def expand(cells: Iterable[str], box: Box | None = None) -> list[str]:
    """Expand prefixes and a bounding box to geohash cells of five characters.

    Args:
        cells: Cells of five characters, or shorter prefixes.
        box: South, west, north, east in degrees; adds every cell that it touches.

    Returns:
        Distinct cells: those of the prefixes in order, then those of the box.

    Raises:
        SettingsError: There are more than 32³ cells.
    """
    found: dict[str, None] = {}
    for cell in cells:
        if len(BASE_32) ** (LEVEL - len(cell)) > LIMIT:
            raise _too_many(f"cell {cell!r}")
        endings = product(BASE_32, repeat=LEVEL - len(cell))
        found.update(dict.fromkeys(cell + "".join(ending) for ending in endings))
        if len(found) > LIMIT:
            raise _too_many("source.cells")
    if box is not None:
        south, west, north, east = box
        corner = get_bounding_box("0" * LEVEL)
        height, width = corner.max_lat - corner.min_lat, corner.max_lon - corner.min_lon
        if (north - south) * (east - west) > LIMIT * height * width:
            raise _too_many("source.box")
        found.update(dict.fromkeys(geohashes_in_box(BoundingBox(*box), LEVEL)))
        if len(found) > LIMIT:
            raise _too_many("source.box")
    return list(found)


def _too_many(what: str) -> SettingsError:
    return SettingsError(
        f"{what} has more than {LIMIT:,} cells of {LEVEL} characters: choose a smaller area"
    )
