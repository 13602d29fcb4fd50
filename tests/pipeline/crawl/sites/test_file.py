import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.crawl.sites.file import check_file, read_reviews
from pipeline.crawl.sites.file_labels import choose_scheme
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.reviews.review import Review
from pipeline.settings import FileSource, Values


def read(path: Path, values: Values | None = None, **columns: str) -> tuple[list[Review], Skipped]:
    settings = FileSource.model_validate(
        {"kind": "file", "path": path, "columns": columns, "values": values or {}}
    )
    skipped, own = Skipped(), FileValues(settings, path, CrawlSummary(["file"]))
    batches = read_reviews(path, "file", settings, skipped, choose_scheme(settings), own)
    return [review for batch in batches for review in batch], skipped


def check(path: Path) -> None:
    check_file(path, FileSource(kind="file", path=path))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_labels_ratings_and_unusable_rows(tmp_path: Path) -> None:
    rows = [
        "id\tdocument\tlabel\trating",
        "1\t좋아요\t1\t",
        "2\t별로\t0\t",
        "3\t\t1\t",
        "4\t그냥\t\t3",
        "5\t음\tnull\tNaN",
        "6\t흠\t\t별셋",
        "7\t글쎄\t\t",
        "8\t와\t\tnan",
        "1\t또 좋아요\t긍정\t",
        "9\t보통\tNeutral\t",
    ]
    reviews, skipped = read(write(tmp_path / "a.tsv", "\n".join(rows)))
    assert [(r.review_id, r.label, r.rating) for r in reviews] == [
        ("1", 1, None),
        ("2", 0, None),
        ("4", None, 3.0),
        *(("5", None, None), ("7", None, None), ("8", None, None)),
        ("1#2", 1, None),
        ("9", 2, None),
    ]
    assert skipped == {
        "missing text": 1,
        "rating is not understood": 1,
    }
    assert skipped.first == {
        "missing text": "line 4",
        "rating is not understood": 'line 7: "별셋"',
    }


def test_column_names_are_configurable(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '본문,별점,단지\n"싸고, 좋아요",5,한별\n')
    (review,), _ = read(path, text="본문", rating="별점", group="단지")
    assert (review.text, review.rating, review.group) == ("싸고, 좋아요", 5, "한별")
    assert review.review_id == "row 1"


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    for month, text in ((7, "좋아요,3일 전\n,어제\n"), (8, "별로,3일 전\n")):
        path = write(tmp_path / f"{month}월.csv", f"리뷰,작성일\n{text}")
        changed = datetime(2026, month, 10, 3, tzinfo=UTC).timestamp()
        os.utime(path, (changed, changed))
    reviews, skipped = read(tmp_path)
    assert [(one.review_id, one.text, one.date) for one in reviews] == [
        ("row 1", "좋아요", "2026-07-07"),
        ("row 3", "별로", "2026-08-07"),
    ]
    assert skipped.first == {"missing text": "line 3 of 7월.csv"}


def test_cp949_is_read_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path / "a.tsv", "document\tlabel\n뷁 좋아요\t1\n", "cp949")
    with caplog.at_level(logging.INFO):
        (review,), _ = read(path)
    assert review.text == "뷁 좋아요"
    assert "reading a.tsv as CP949" in caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("본문\tlabel\n좋아요\t1\n", r"has no column document, text, .* or body; its columns"),
        ("", r"a\.tsv is empty"),
        ("document\tlabel\n", r"a\.tsv has a header line, but no rows"),
        ("document\tlabel\n\t1\n", r"has no usable row: 1 missing text \(first in line 2\)"),
    ],
)
def test_unusable_file_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(write(tmp_path / "a.tsv", text))


def test_a_needed_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "document,label,label\n좋아요,1,0\n")
    with pytest.raises(SourceError, match=r"a\.csv has several columns label: rename all but one"):
        check(path)


def test_file_is_checked_without_reading_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no such file: .*gone\.tsv"):
        check(tmp_path / "gone.tsv")
    with pytest.raises(SourceError, match=r"has no column document, text, review, .* or body; its"):
        check(write(tmp_path / "a.tsv", "label\n"))
    with pytest.raises(SourceError, match="unknown file format"):
        check(write(tmp_path / "a.xlsm", ""))
