import pytest

from pipeline.crawl.demo_site import DemoSite
from pipeline.crawl.fetch import Fetcher
from pipeline.crawl.html import crawl_html, parse_page
from pipeline.errors import SourceError
from pipeline.settings import FetchSettings, HtmlFields, HtmlSource
from tests.site import Answer, serve

FIELDS = HtmlFields(id="@data-id", text=".text", rating=".score", date="time", group=".complex")


def source(url: str, **settings: object) -> HtmlSource:
    values = {"kind": "html", "url": url, "item": ".review", "fields": FIELDS, "next": ".next"}
    return HtmlSource.model_validate({**values, **settings})


def test_the_whole_list_of_the_demo_site_is_crawled(demo_site: DemoSite) -> None:
    settings = source(f"{demo_site.url}/reviews")
    with Fetcher(demo_site.url, FetchSettings(delay=0)) as fetcher:
        pages = list(crawl_html(settings, "demo", fetcher))
    assert [len(page) for page in pages[:-1]] == [30] * (len(pages) - 1)
    reviews = [review for page in pages for review in page]
    assert len({review.review_id for review in reviews}) == len(reviews) == demo_site.reviews
    dates = [review.date for review in reviews]
    assert dates == sorted(dates, reverse=True)
    assert all(review.rating in {1, 2, 3, 4, 5} for review in reviews)


PAGE = """
<div class=review data-id=7><b class=complex>한별</b> <i class=score>평점 4.5점</i>
<time>2026. 1. 5.</time><p class=text>좋아요 &amp; <b>조용</b>해요<br>추천</p></div>
<a class=next href="?page=2">다음</a>
"""


def test_a_page_is_parsed() -> None:
    (review,), following = parse_page(PAGE, "http://h/list?page=1", source("http://h/list"), "s")
    assert following == "http://h/list?page=2"
    assert (review.review_id, review.group, review.rating) == ("7", "한별", 4.5)
    assert review.date == "2026-01-05"
    assert review.text == "좋아요 & 조용 해요 추천"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("data-id=7", "", "has no '@data-id'"),
        ("평점 4.5점", "평점 없음", "'.score' holds no number"),
        ("class=text", "", "has no '.text'"),
    ],
)
def test_a_missing_field_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse_page(PAGE.replace(old, new), "http://h/list", source("http://h/list"), "s")


def test_links_in_a_circle_and_without_end_are_stopped() -> None:
    with serve() as site, Fetcher(site.url, FetchSettings(delay=0)) as fetcher:
        for number in range(1, 10):
            site.answers[f"/list?page={number}"] = Answer(
                PAGE.replace("page=2", f"page={number % 4 + 1}")
            )
        first = f"{site.url}/list?page=1"
        with pytest.raises(SourceError, match=r"page 5 \(.*\) goes in a circle"):
            list(crawl_html(source(first), "s", fetcher))
        with pytest.raises(SourceError, match=r"max_pages = 3"):
            list(crawl_html(source(first, max_pages=3), "s", fetcher))
        site.answers["/empty"] = Answer("<p>리뷰가 없습니다</p>")
        with pytest.raises(SourceError, match=r"/empty has no element '\.review'"):
            list(crawl_html(source(f"{site.url}/empty"), "s", fetcher))
