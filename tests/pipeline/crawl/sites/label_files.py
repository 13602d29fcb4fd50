"""Files with labels, and how they are read."""

from pathlib import Path

import pytest

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.crawl.sites.file import read_reviews
from pipeline.crawl.sites.file_labels import choose_scheme
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.settings import FileSource, Values


def write(path: Path, labels: list[str], ratings: list[str] | None = None) -> Path:
    head = "document\tlabel\trating\n" if ratings else "document\tlabel\n"
    rows = zip(labels, ratings, strict=True) if ratings else ((label,) for label in labels)
    lines = ("\t".join((f"글 {number}", *row)) + "\n" for number, row in enumerate(rows))
    path.write_text(head + "".join(lines), encoding="utf-8")
    return path


def choose(*paths: Path, values: Values | None = None, **columns: str) -> LabelScheme:
    return choose_scheme(source(*paths, values=values, **columns))


def source(*paths: Path, values: Values | None = None, **columns: str) -> FileSource:
    named = dict(zip(("path", "test_path"), paths, strict=False))
    return FileSource.model_validate(
        {"kind": "file", "values": values or {}, "columns": columns} | named
    )


def refused(*paths: Path, values: Values | None = None, **columns: str) -> str:
    with pytest.raises(SourceError) as error:
        choose(*paths, values=values, **columns)
    return str(error.value)


def read(path: Path, **values: float | str) -> tuple[list[int | float | None], Skipped]:
    """The label of each review, or else its rating."""
    skipped, settings = Skipped(), source(path, values=values)
    known = FileValues(settings, path, CrawlSummary(["file"]))
    scheme = choose_scheme(settings)
    batches = list(read_reviews(path, "file", settings, skipped, scheme, known))
    reviews = [review for batch in batches for review in batch]
    return [one.rating if one.label is None else one.label for one in reviews], skipped
