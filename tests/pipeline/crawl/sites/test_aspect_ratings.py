"""Ratings of single aspects of a review: of the food, of the delivery."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from pipeline.crawl.run import crawl
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.html import HtmlSite
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.store import Store
from pipeline.settings import FileSource, HtmlSource, JsonSource

TODAY = date(2026, 11, 30)
URL = "http://h/reviews"
COLUMNS = {"맛": "맛 별점", "배달": "배달 별점"}


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["리뷰", "별점", "맛 별점", "배달 별점"], *rows])
    return path


def test_columns(store: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["맛있어요", "4", "★★★★★", "3점"],
        ["식었어요", "2", "", "느림"],
    )
    source = FileSource(kind="file", path=path, aspect_ratings=COLUMNS)
    summary = crawl(source, store)
    found = {one.text: one for batch in store.read(summary.sources[0]) for one in batch}
    assert found["맛있어요"].aspect_ratings == {"맛": 5, "배달": 3}
    assert (found["식었어요"].rating, found["식었어요"].aspect_ratings) == (2, {})
    assert (summary.unread, summary.first_unread) == (
        {"ratings": 1},
        {"ratings": 'in line 3: "느림"'},
    )


def test_a_missing_column_is_an_error(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["맛있어요", "4", "5", "5"])
    source = FileSource(kind="file", path=path, aspect_ratings={"양": "양 별점"})
    with pytest.raises(SourceError, match="has no column 양 별점; its columns are: 리뷰, 별점"):
        crawl(source, store)


@pytest.mark.parametrize("ratings", [{"맛": ""}, {"": "맛 별점"}])
def test_an_empty_name_is_an_error(ratings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="an aspect or its place is empty"):
        FileSource(kind="file", path=Path("a.csv"), aspect_ratings=ratings)


def test_json() -> None:
    source = {
        "kind": "json",
        "url": URL,
        "fields": {"text": "text", "rating": "score.total"},
        "aspect_ratings": {"맛": "score.taste", "배달": "score.delivery"},
    }
    items = [{"text": "좋아요", "score": {"total": 4, "taste": 5, "delivery": None}}]
    site = JsonSite(JsonSource.model_validate(source), today=TODAY)
    (review,) = site.parse(Request(url=URL), Page(url=URL, text=json.dumps(items))).reviews
    assert (review.rating, review.aspect_ratings) == (4, {"맛": 5})


def html(**aspect_ratings: str) -> HtmlSite:
    source = {
        "kind": "html",
        "url": URL,
        "item": "li",
        "fields": {"text": "p", "rating": ".all"},
        "aspect_ratings": aspect_ratings,
    }
    return HtmlSite(HtmlSource.model_validate(source), today=TODAY)


def test_html() -> None:
    page = "<li><b class=all>4</b><i class=t data-n='8/10'>맛</i><p>좋아요</p></li>"
    site = html(맛=".t@data-n", 배달=".d")
    (review,) = site.parse(Request(url=URL), Page(url=URL, text=page)).reviews
    assert (review.rating, review.aspect_ratings) == (4, {"맛": 8})
    with pytest.raises(SettingsError, match=r"source\.aspect_ratings\.맛 .*not a valid CSS"):
        html(맛="p[")
