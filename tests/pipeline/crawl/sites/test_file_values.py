"""Dates and ratings of files, from the crawl to the store."""

import csv
import logging
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipeline.crawl.run import crawl
from pipeline.crawl.sites.file_values import last_change
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SourceError
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import FileSource

CHANGED = datetime(2026, 7, 3, 3, tzinfo=UTC)
"""When the files of these tests were changed: at noon in Seoul."""
DATES = {
    "2026-07-03": "2026-07-03",
    "2026.7.3": "2026-07-03",
    "2026-1-5": "2026-01-05",
    "26.07.03": "2026-07-03",
    "2026/7/3": "2026-07-03",
    "Jul 3, 2026": "2026-07-03",
    "3 Jul 2026": "2026-07-03",
    "July 3, 2026": "2026-07-03",
    "20260703": "2026-07-03",
    "1783008000": "2026-07-03",
    "1783008000000": "2026-07-03",
    "2026-07-03 12:30:00": "2026-07-03",
    "2025.07.24.": "2025-07-24",
    "2024년 11월 14일": "2024-11-14",
    "2026. 10. 5.": "2026-10-05",
    "10시간 전": "2026-07-03",
    "3일 전": "2026-06-30",
    "어제": "2026-07-02",
    "2026-07-02T16:00:00Z": "2026-07-03",
    "2026-07-02T16:00:00+00:00": "2026-07-03",
    "뒤집기": "",
    "45123": "",
    "03/07/2026": "",
    "": "",
    "NaT": "",
}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.utime(path, (CHANGED.timestamp(), CHANGED.timestamp()))
    return path


def read(store: Store, path: Path, **settings: Any) -> CrawlSummary:
    return crawl(FileSource.model_validate({"kind": "file", "path": path} | settings), store)


def stored(store: Store, path: Path) -> list[Review]:
    return [review for batch in store.read(f"file:{path.name}") for review in batch]


def dated(tmp_path: Path) -> Path:
    rows = [
        {"id": f"{n:02}", "document": "좋아요", "label": "1", "date": text}
        for n, text in enumerate(DATES)
    ]
    return write(tmp_path / "a.csv", rows)


def test_dates_of_all_forms_are_iso_in_the_store(store: Store, tmp_path: Path) -> None:
    path = dated(tmp_path)
    summary = read(store, path)
    found = {text: review.date for text, review in zip(DATES, stored(store, path), strict=True)}
    assert found == DATES
    assert summary.unread == {"dates": 3}
    assert summary.as_dict()["first_unread"] == {"dates": 'in line 22: "뒤집기"'}


def test_dates_that_are_not_understood_are_in_the_log(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"document": "좋아요", "label": "1", "date": text} for text in ("\x1b[2J" + "가" * 60,)]
    with caplog.at_level(logging.INFO):
        read(store, write(tmp_path / "a.csv", rows))
    text = "\\u001b[2J" + "가" * 36 + "…"
    assert f'1 new, 1 date not understood (first in line 2: "{text}")' in caplog.text


def test_a_file_that_did_not_change_changes_no_review(store: Store, tmp_path: Path) -> None:
    path = dated(tmp_path)
    read(store, path)
    before = stored(store, path)
    assert read(store, path).reviews == {"known": len(DATES)}
    assert stored(store, path) == before


def test_dates_as_earlier_versions_stored_them_are_mended(store: Store, tmp_path: Path) -> None:
    path = dated(tmp_path)
    read(store, path)
    with store.database.transaction() as connection:
        for number, text in enumerate(DATES):
            statement = sa.text("UPDATE reviews SET date = :date WHERE review_id = :id")
            connection.execute(statement, {"date": text, "id": f"{number:02}"})
    assert {review.date for review in stored(store, path)} == {"", "2026-07-03"}
    read(store, path)
    assert [review.date for review in stored(store, path)] == list(DATES.values())


def test_the_time_zone_is_a_setting(store: Store, tmp_path: Path) -> None:
    path = dated(tmp_path)
    read(store, path, timezone="America/New_York")
    dates = dict(zip(DATES, (review.date for review in stored(store, path)), strict=True))
    assert dates["2026-07-02T16:00:00Z"] == dates["1783008000"] == "2026-07-02"
    assert dates["10시간 전"] == "2026-07-02"  # the file was changed at 23:00 in New York
    assert dates["2026-07-03 12:30:00"] == "2026-07-03"
    with pytest.raises(ValueError, match="unknown time zone 'Seoul'; write an IANA name such as"):
        FileSource(kind="file", path=path, timezone="Seoul")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([date(2026, 7, 3), None]), "2026-07-03"),
        (pa.array([datetime(2026, 7, 3, 23, 30), None], pa.timestamp("us")), "2026-07-03"),
        (pa.array([datetime(2026, 7, 2, 16), None], pa.timestamp("ms", tz="UTC")), "2026-07-03"),
        (pa.array([1783008000, None]), "2026-07-03"),
        (pa.array([20260703.0, None]), "2026-07-03"),
    ],
)
def test_dates_of_parquet(store: Store, tmp_path: Path, values: pa.Array, expected: str) -> None:
    path = tmp_path / "a.parquet"
    columns = {"document": ["좋아요", "별로"], "label": [1, 0], "date": values}
    pq.write_table(pa.table(columns), path)
    assert read(store, path).unread == {}
    assert [review.date for review in stored(store, path)] == [expected, ""]


def test_the_day_of_a_file_is_today_where_its_time_is_impossible(tmp_path: Path) -> None:
    path, zone = write(tmp_path / "a.csv", [{"document": "a"}]), ZoneInfo("Asia/Seoul")
    assert last_change(path, zone) == date(2026, 7, 3)
    for impossible in (0, 10**10):
        os.utime(path, (impossible, impossible))
        assert last_change(path, zone) == datetime.now(zone).date()


def rated(tmp_path: Path, *ratings: str, label: str = "") -> Path:
    rows = [
        {"id": f"{n:02}", "document": "글", "label": label, "rating": text}
        for n, text in enumerate(ratings)
    ]
    return write(tmp_path / "a.csv", rows)


def test_ratings_of_all_forms_are_numbers_in_the_store(store: Store, tmp_path: Path) -> None:
    forms = {
        "5점": 5,
        "4.5점": 4.5,
        "별점 4점": 4,
        "평점5": 5,
        "★★★★☆": 4,
        "4,0": 4,
        "별표 5개 만점에 1개를 받았습니다": 1,
        "5점 만점에 2점": 2,
        "5점 중 4점": 4,
        "4 out of 5": 4,
        "4/5": 4,
        "Rated 4.5 stars out of five": 4.5,
    }
    path = rated(tmp_path, *forms)
    assert str(read(store, path)) == "reviews: 12 new"
    assert [review.rating for review in stored(store, path)] == list(forms.values())


def test_a_rating_that_is_not_understood_is_counted(store: Store, tmp_path: Path) -> None:
    path = rated(tmp_path, "5", "4.5 (123)", "15/20", "None")
    summary = read(store, path)
    assert summary.skipped == {"rating is not understood": 2}
    assert (
        '2 ratings not understood (first in line 3: "4.5 (123)"; see source.rating_pattern and '
        "source.rating_factor)"
    ) in str(summary)
    path = rated(tmp_path, "5", "4.5 (123)", "15/20", label="1")
    assert read(store, path).skipped == {}
    assert [review.rating for review in stored(store, path)] == [5, None, None]


def test_pattern_and_factor_are_settings_of_files_too(store: Store, tmp_path: Path) -> None:
    path = rated(tmp_path, "4.5 (123)", "2 (7)")
    read(store, path, rating_pattern=r"([\d.]+) \(", rating_factor=2)
    assert [review.rating for review in stored(store, path)] == [9, 4]
    with pytest.raises(ValueError, match="not a valid regular expression"):
        FileSource(kind="file", path=path, rating_pattern="(")


def test_ratings_of_two_scales_are_refused(store: Store, tmp_path: Path) -> None:
    path = rated(tmp_path, "3", "8/10", "4/5")
    message = r'out of 10 \(line 3: "8/10"\) and out of 5 \(line 4: "4/5"\): convert them to one'
    with pytest.raises(SourceError, match=message):
        read(store, path)
    assert stored(store, path) == []


def test_ratings_that_do_not_show_their_scale_have_a_notice(store: Store, tmp_path: Path) -> None:
    (notice,) = read(store, rated(tmp_path, "3/10", "5/10")).notices
    assert notice == ("a.csv: ratings are out of 10 and none is above 5: set label.scale = 10")
    assert read(store, rated(tmp_path, "3/10", "8/10")).notices == []
    assert read(store, rated(tmp_path, "3/10", "500")).notices == []


def test_a_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no such file: .*gone\.csv"):
        read(store, tmp_path / "gone.csv")
