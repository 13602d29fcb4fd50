"""Dates and ratings of a file's rows, and the count of values that are not understood."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.crawl.parse.dates import MIN_YEAR
from pipeline.crawl.parse.ratings import Rating
from pipeline.crawl.parse.values import Day, RatingReader, ValueReader
from pipeline.crawl.skipped import example
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.reviews.review import SCALES
from pipeline.settings import FileSource
from pipeline.settings.values import SKIP
from pipeline.storage.rows import Row


class FileValues:
    """Reads the dates and ratings of one file.

    Relative dates ("3일 전") refer to the day of the file's last change, so that they do not depend
    on the day of the crawl.

    Args:
        settings: The source.
        path: The file.
        summary: Counts the values that are not understood.

    Attributes:
        columns: The columns of the file; at first as the settings name them.
    """

    def __init__(self, settings: FileSource, path: Path, summary: CrawlSummary) -> None:
        self._settings, self._path, self._summary = settings, path, summary
        self.columns = settings.columns
        self._readers: dict[Path, ValueReader] = {}
        self._ratings = RatingReader(settings, settings.values)
        self._highest = 0.0
        self._out_of: tuple[float, str] | None = None

    def _reader(self, path: Path) -> ValueReader:
        """The reader of dates of a file."""
        if path not in self._readers:
            file = next(one for one in (path, *path.parents, self._path) if one.is_file())
            today = last_change(file, ZoneInfo(self._settings.timezone))
            self._readers[path] = ValueReader(self._settings, today)
        return self._readers[path]

    def day(self, row: Row) -> Day:
        """The date of a row, empty if it has none.

        Raises:
            SourceError: See :meth:`Row.text`.
        """
        column = self.columns.date
        text = row.text(column)
        if not text:
            return Day("", False)
        day = self._reader(row.path).day(row.value(column))
        if not day.date:
            self._summary.add_unread("dates", text, self.place(row))
        return day

    def rating(self, row: Row) -> float | None:
        """The rating of a row, None if it has none.

        Raises:
            SourceError: Its highest possible rating differs from that of earlier rows; see also
                :meth:`Row.text`.
        """
        column = self.columns.rating
        found = self._read(row, column)
        if found is None:
            return None
        if found.out_of is not None:
            self._check_scale(found.out_of, example(row.place, row.text(column)))
        self._highest = max(self._highest, found.number)
        return found.number

    def aspect_ratings(self, row: Row) -> dict[str, float]:
        """The ratings of single aspects, as far as the row has them.

        Raises:
            SourceError: See :meth:`Row.text`.
        """
        found = {
            aspect: self._read(row, column)
            for aspect, column in self._settings.aspect_ratings.items()
        }
        return {aspect: rating.number for aspect, rating in found.items() if rating}

    def _read(self, row: Row, column: str) -> Rating | None:
        text = row.text(column)
        if not text:
            return None
        cell = row.value(column)
        found = self._ratings.read(cell if isinstance(cell, int | float) else text)
        if found is None:
            self._summary.add_unread("ratings", text, self.place(row))
        return found

    def skips(self, rating: str) -> bool:
        """Whether ``source.values`` skips the rows with this rating."""
        return self._settings.values.get(rating) == SKIP

    def place(self, row: Row) -> str:
        """Where a row is: ``line 3``, with the name of the file if the source has two files."""
        is_said = row.name or not self._settings.test_path
        name = "" if is_said else f" of {excerpt(self._path.name)}"
        return f"{row.place}{name}"

    def finish(self) -> None:
        """Add a notice if the ratings seem to have a smaller scale than the file states."""
        if self._out_of is None:
            return
        scale = next((one for one in SCALES if one >= self._highest), None)
        if scale and scale < self._out_of[0]:
            self._summary.notices.append(
                f"{self._path.name}: ratings are out of {self._out_of[0]:g} and none is above "
                f"{scale}: set label.scale = {self._out_of[0]:g}"
            )

    def _check_scale(self, out_of: float, where: str) -> None:
        if self._out_of is None:
            self._out_of = out_of, where
        elif self._out_of[0] != out_of:
            raise SourceError(
                f"{self._path}: ratings are out of {self._out_of[0]:g} ({self._out_of[1]}) and out "
                f"of {out_of:g} ({where}): convert them to one scale"
            )


def last_change(path: Path, zone: ZoneInfo) -> date:
    """The day of a file's last change; today if that is before 1990 or in the future."""
    now = datetime.now(zone)
    changed = datetime.fromtimestamp(path.stat().st_mtime, zone)
    return (changed if changed.year >= MIN_YEAR and changed <= now else now).date()
