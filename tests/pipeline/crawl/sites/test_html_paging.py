"""HTML lists: links to the next page, page numbers and the frame of a list."""

import pytest

from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.list_end import Trail
from pipeline.errors import SourceError
from tests.pipeline.crawl.sites.test_html import ITEM, URL, parse, site


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ("<a class=next href='?page=2'>", "http://h/a/list?page=2"),
        ("<a class=next href=' /b?p=2&amp;q=%B0%A1 '>", "http://h/b?p=2&q=%B0%A1"),
        ("<a class=next href='//i/c'>", "http://i/c"),
        ("<a class=next>", None),
        ("<a class=next href=''>", None),
        ("<a class=next href='#'>", None),
        ("<a class=next href='javascript:next()'>", None),
        ("<a class=next href='mailto:a@b.c'>", None),
        ("<a class=last href='?page=9'>", None),
    ],
)
def test_link_to_the_next_page(link: str, following: str | None) -> None:
    parsed = parse(ITEM + link, url="http://h/a/list?page=1", paging={"link": ".next"})
    assert (parsed.next_page.url if parsed.next_page else None) == following
    if parsed.next_page:
        assert parsed.next_page.number == 2


def test_invalid_link_is_an_error() -> None:
    with pytest.raises(SourceError, match=r"the link 'http://\[h' to the next page is not a valid"):
        parse(ITEM + "<a class=next href='http://[h'>", paging={"link": ".next"})


def test_page_number_parameter() -> None:
    paging = {"parameter": "page", "first": 0}
    source = site(url="http://h/list?q=%B0%A1&page=5", paging=paging)
    (request,) = source.start()
    assert request.url == "http://h/list?q=%B0%A1&page=0"
    for number in (1, 2):
        parsed = source.parse(request, Page(url="http://h/other", text=ITEM))
        assert parsed.next_page
        request = parsed.next_page
        assert request.url == f"http://h/list?q=%B0%A1&page={number}"
    assert source.parse(request, Page(url=request.url, text="<p>")).next_page is None


@pytest.mark.parametrize(
    ("base", "link", "following"),
    [
        ("/b/", "?page=2", "http://h/b/?page=2"),
        ("http://i/c/", "d?page=2", "http://i/c/d?page=2"),
        ("c/", "/d", "http://h/d"),
        ("javascript:x", "?page=2", "http://h/a/list?page=2"),
        ("", "?page=2", "http://h/a/list?page=2"),
    ],
)
def test_link_is_relative_to_the_base_of_the_page(base: str, link: str, following: str) -> None:
    html = f"<base target=x><base href='{base}'>{ITEM}<a class=next href='{link}'>"
    parsed = parse(html, url="http://h/a/list?page=1", paging={"link": ".next"})
    assert parsed.next_page
    assert parsed.next_page.url == following


@pytest.mark.parametrize(
    ("encoding", "following"),
    [
        ("cp949", "http://h/검색?q=%C8%C4%B1%E2&b=%26%23128077%3B"),
        ("utf-8", "http://h/검색?q=%ED%9B%84%EA%B8%B0&b=%F0%9F%91%8D"),
        ("utf-16", "http://h/검색?q=%ED%9B%84%EA%B8%B0&b=%F0%9F%91%8D"),
    ],
)
def test_query_of_a_link_is_in_the_encoding_of_the_page(encoding: str, following: str) -> None:
    text = ITEM + "<a class=next href='/검색?q=후기&b=👍'>"
    page = Page(url=URL, text=text, encoding=encoding)
    parsed = site(paging={"link": ".next"}).parse(Request(url=URL), page)
    assert parsed.next_page
    assert parsed.next_page.url == following


@pytest.mark.parametrize(
    ("href", "before", "is_said"),
    [
        ("javascript:next(2)", 0, True), ("javascript:next(3)", 5, True), ("#", 0, True),
        ("#", 1, True), ("#", 5, False), ("", 0, False), ("", 5, False),
    ],
)  # fmt: skip
def test_link_that_leads_to_no_page_is_said(href: str, before: int, is_said: bool) -> None:
    trail = Trail().extended(before, "") if before else Trail()
    request = Request(url=URL, number=1 + trail.pages, trail=trail)
    page = Page(url=URL, text=f"{ITEM}<a class=next href='{href}'>")
    parsed = site(paging={"link": ".next"}).parse(request, page)
    assert parsed.next_page is None
    assert (f"'.next' leads to {href!r}, which is not a page" in parsed.cut) == is_said


@pytest.mark.parametrize(
    ("around", "frame"),
    [
        ("<section><ul class='reviews page2' id=r7>{}</ul></section>", "ul:is(.reviews)"),
        ("<section id=list><div>{}</div></section>", "section#list > div:not([class])"),
        ("<table class=t><tr><td>{}</table>", "table:is(.t) > tr:not([class]) > td:not([class])"),
        ("<main>{}</main>", "body > main:not([class])"),
        ("<div class='g1'>{}</div>", "body > div"),
        ("{}", ""),
    ],
)  # fmt: skip
def test_frame_is_the_element_around_the_items(around: str, frame: str) -> None:
    parsed = parse(around.format(ITEM + ITEM), paging={"parameter": "p"})
    assert parsed.next_page
    assert parsed.next_page.trail.frame == frame
    again = site(paging={"parameter": "p"})
    empty = Page(url=parsed.next_page.url, text=around.format(""))
    if frame:
        assert again.parse(parsed.next_page, empty).doubt == ""
        other = Page(url=parsed.next_page.url, text="<div class=x><form><input></form></div>")
        assert "the list may go on" in again.parse(parsed.next_page, other).doubt


def test_single_items_in_wrappers_have_the_frame_of_all() -> None:
    wrapped = f"<div class=w>{ITEM}</div>" * 3
    parsed = parse(f"<main class=m>{wrapped}</main>", paging={"parameter": "p"})
    assert parsed.next_page
    assert parsed.next_page.trail.frame == "main:is(.m)"


def test_redirect_to_another_path_is_no_end() -> None:
    source = site(paging={"parameter": "p"})
    parsed = parse(f"<ul>{ITEM * 2}</ul>", paging={"parameter": "p"})
    assert parsed.next_page
    with pytest.raises(SourceError, match="redirects to http://h/login, which has no reviews"):
        source.parse(parsed.next_page, Page(url="http://h/login", text="<p>로그인"))
    assert "may go on" in source.parse(parsed.next_page, Page(url=f"{URL}/", text="<p>끝")).doubt
