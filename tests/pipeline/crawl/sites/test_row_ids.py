"""Ids of rows: those of a file that grows, and repeated ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.crawl import run as sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.store import Store
from pipeline.settings import FileSource
from pipeline.storage.database import Database

NAME = "file:reviews.csv"


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "reviews.csv"


def crawl(store: Store, file: Path, rows: list[str], header: str = "리뷰,별점") -> CrawlSummary:
    """Write the file and read it into the store."""
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    settings = FileSource(kind="file", path=str(file), name="own")
    return sources.crawl(settings, store)


def ids(store: Store) -> dict[str, list[str]]:
    """The ids of each text."""
    found: dict[str, list[str]] = {}
    for batch in store.read("own"):
        for review in batch:
            found.setdefault(review.text, []).append(review.review_id)
    return found


def test_first_ids_are_the_numbers_of_the_rows(store: Store, file: Path) -> None:
    assert crawl(store, file, ["좋아요,5", ",3", "별로,1"]).reviews == {"new": 2}
    assert ids(store) == {"좋아요": ["row 1"], "별로": ["row 3"]}


@pytest.mark.parametrize("place", [0, 2, 4])
def test_added_rows_are_new_and_the_others_known(store: Store, file: Path, place: int) -> None:
    rows = ["좋아요,5", "별로,1", "좋아요,5", "무난,3"]
    crawl(store, file, rows)
    before = ids(store)
    summary = crawl(store, file, [*rows[:place], "새 후기,1", "좋아요,5", *rows[place:]])
    assert summary.reviews == {"new": 2, "known": 4}
    after = ids(store)
    assert after.pop("새 후기") == ["row 5"]
    assert after == before | {"좋아요": ["row 1", "row 3", "row 6"]}


def test_removed_and_edited_rows(store: Store, file: Path) -> None:
    crawl(store, file, ["가,5", "나,1", "다,3"])
    assert crawl(store, file, ["나 고침,1", "다,2"]).reviews == {
        "new": 1,
        "changed": 1,
        "deleted": 2,
    }
    assert ids(store) == {"나 고침": ["row 4"], "다": ["row 3"]}
    assert crawl(store, file, ["다,2", "가,5", "나 고침,1"]).reviews == {"known": 3}
    assert ids(store) == {"나 고침": ["row 4"], "다": ["row 3"], "가": ["row 1"]}


def test_rows_of_two_texts_keep_their_ids(store: Store, file: Path) -> None:
    header, rows = "장점,단점", ["위치,소음", "위치,주차", ",소음"]
    crawl(store, file, rows, header)
    before = ids(store)
    assert crawl(store, file, ["새것,낡음", *rows], header).reviews == {"new": 2, "known": 5}
    assert {text: found for text, found in ids(store).items() if text in before} == before


def test_repeated_rows_count_once(store: Store, file: Path) -> None:
    rows = [
        "7,좋아요,5",
        "7,좋아요,5",
        "7,별로,1",
        "8,좋아요,5",
        "7,별로,1",
        ",좋아요,5",
        ",좋아요,5",
    ]
    summary = crawl(store, file, rows, "id,리뷰,별점")
    assert (summary.reviews, summary.skipped) == ({"new": 5}, {"repeated row": 2})
    assert summary.first_skipped == {"repeated row": 'line 3: "7"'}
    assert ids(store) == {"좋아요": ["7", "8", "row 6", "row 7"], "별로": ["7#2"]}
    assert "2 repeated rows (first in line 3" in str(summary)
