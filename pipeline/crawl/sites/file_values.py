"""Dates and ratings of a file's rows, and the count of those that are not understood."""

from __future__ import annotations

import functools
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.crawl.parse.dates import MIN_YEAR
from pipeline.crawl.parse.label_schemes import shown
from pipeline.crawl.parse.ratings import Rating
from pipeline.crawl.parse.values import Day, ValueReader
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.reviews.review import SCALES
from pipeline.settings import FileSource
from pipeline.settings.values import SKIP
from pipeline.storage.cells import cell_text


class FileValues:
    """Reads the dates and ratings of one file.

    Relative dates ("3일 전") refer to the day of the file's last change, so that they do not depend
    on the day of the crawl.

    Args:
        settings: Time zone, and pattern and factor of ratings.
        path: The file.
        summary: Counts the values that are not understood.
    """

    def __init__(self, settings: FileSource, path: Path, summary: CrawlSummary) -> None:
        self._settings, self._path, self._summary = settings, path, summary
        self._highest = 0.0
        self._out_of: tuple[float, str] | None = None

    @functools.cached_property
    def _reader(self) -> ValueReader:
        today = last_change(self._path, ZoneInfo(self._settings.timezone))
        return ValueReader(self._settings, today)

    def day(self, cell: object, place: str) -> Day:
        """The date of a cell, empty if it is none; ``place`` names its row in messages."""
        if not cell_text(cell):
            return Day("", False)
        day = self._reader.day(cell)
        if not day.date:
            self._summary.add_unread("dates", cell, self._in_file(place))
        return day

    def rating(self, cell: object, place: str) -> float | None:
        """The rating of a cell, None if it is none; ``place`` names its row in messages.

        Raises:
            SourceError: It is out of another number than those before.
        """
        text = cell_text(cell)
        if not text:
            return None
        found = self._read(cell if isinstance(cell, int | float) else text)
        if found is None:
            self._summary.add_unread("ratings", cell, self._in_file(place))
            return None
        if found.out_of is not None:
            self._check_scale(found.out_of, f"{place}: {shown(text)}")
        self._highest = max(self._highest, found.number)
        return found.number

    def parse_rating(self, text: str) -> float | None:
        """The rating of a text, None if it is none; counts nothing."""
        found = self._read(text)
        return found.number if found else None

    def skips(self, rating: str) -> bool:
        """Whether ``source.values`` skips the rows with this rating."""
        return self._settings.values.get(rating) == SKIP

    def finish(self) -> None:
        """Add a notice if the ratings do not show the scale that they are out of."""
        if self._out_of is None:
            return
        scale = next((one for one in SCALES if one >= self._highest), None)
        if scale and scale < self._out_of[0]:
            self._summary.notices.append(
                f"{self._path.name}: ratings are out of {self._out_of[0]:g} and none is above "
                f"{scale}: set label.scale = {self._out_of[0]:g}"
            )

    def _read(self, written: str | float) -> Rating | None:
        given = self._settings.values.get(str(written))
        if isinstance(given, int | float):
            return Rating(float(given))
        return self._reader.rating_out_of(written)

    def _in_file(self, place: str) -> str:
        return f"{place} of {self._path.name}" if self._settings.test_path else place

    def _check_scale(self, out_of: float, where: str) -> None:
        if self._out_of is None:
            self._out_of = out_of, where
        elif self._out_of[0] != out_of:
            raise SourceError(
                f"{self._path}: ratings are out of {self._out_of[0]:g} ({self._out_of[1]}) and out "
                f"of {out_of:g} ({where}): bring them to one scale"
            )


def last_change(path: Path, zone: ZoneInfo) -> date:
    """The day of a file's last change; today if the time is impossible."""
    now = datetime.now(zone)
    changed = datetime.fromtimestamp(path.stat().st_mtime, zone)
    return (changed if changed.year >= MIN_YEAR and changed <= now else now).date()
