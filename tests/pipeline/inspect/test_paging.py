"""How a list goes on: settings that reach every page of it, and no other list."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.inspect.address import inspect_address
from pipeline.inspect.paging import MAX_REQUESTS
from tests.pipeline.inspect.sites import address, crawled, suggested
from tests.site import Answer, Site

PAGES, SIZE = 8, 3
KINDS = ["깨끗해요", "조용해요", "좁아요", "멀어요", "친절해요", "비싸요", "아늑해요", "추워요"]
PLACES = ["거실이", "침실이", "주방이"]
TEXTS = [[f"{place} 정말 {kind}" for place in PLACES] for kind in KINDS]
"""The texts by page."""


def html_page(number: int, links: str, texts: list[list[str]] = TEXTS) -> str:
    rows = "".join(
        f"<li class='rv'><em class='score'>{1 + row}점</em><p class='t'>{text}</p></li>"
        for row, text in enumerate(texts[number - 1])
    )
    return f"<html><body><ul class='list'>{rows}</ul>{links}</body></html>"


def serve_html(
    site: Site, links: Callable[[int], str], url: Callable[[int], str], path: str = "/shop?it_id=5"
) -> None:
    """Serve the list, and another list as that of another product."""
    for number in range(1, PAGES + 1):
        site.answers[url(number)] = Answer(html_page(number, links(number)))
    site.answers[url(PAGES + 1)] = Answer("<html><body><ul class='list'></ul></body></html>")
    site.answers[path] = Answer(html_page(1, links(1)))
    other = [[f"다른 상품의 후기 {text}" for text in texts] for texts in TEXTS]
    for one in ("/shop?it_id=6", "/product/6", "/notice?page=2"):
        site.answers[one] = Answer(html_page(1, "", other))


def all_texts(site: Site, path: str, folder: Path) -> list[str]:
    found = inspect_address(address(site, path))
    assert [one for one in found.problems if not one.startswith("these settings")] == []
    return sorted(text for text, _, _ in crawled(found.toml, folder))


EVERY = sorted(text for texts in TEXTS for text in texts)


def numbered(number: int) -> str:
    return f"/shop?it_id=5&page={number}"


def blocks(number: int) -> str:
    """Links to a block of three pages and to the next block, as Gnuboard has them."""
    first = (number - 1) // 3 * 3 + 1
    pages = range(first, min(first + 3, PAGES + 1))
    links = "".join(
        f"<strong>{one}</strong>"
        if one == number
        else f"<a class='pg_page' href='{numbered(one)}'>{one}</a>"
        for one in pages
    )
    following = f"<a class='pg_page pg_next' href='{numbered(first + 3)}'>다음</a>"
    return f"<nav class='pg'>{links}{following if first + 3 <= PAGES else ''}</nav>"


def next_page(form: str) -> Callable[[int], str]:
    def link(number: int) -> str:
        return form.format(numbered(number + 1)) if number < PAGES else ""

    return link


SLIDER = "<a class='btn-next' href='#none'>›</a><a class='next' href='javascript:go()'>›</a>"
OTHER = (
    "<a class='next' href='/shop?it_id=6'>다음 상품</a>"
    "<a class='go_next' href='/product/6'>다음</a>"
    "<a class='next' href='/notice?page=2'>다음 소식</a>"
)


@pytest.mark.parametrize(
    ("before", "links", "paging"),
    [
        ("", blocks, {"parameter": "page"}),
        (SLIDER, blocks, {"parameter": "page"}),
        (OTHER, blocks, {"parameter": "page"}),
        ("", next_page("<a class='next' href='{}'>다음</a>"), {"link": "a.next"}),
        (SLIDER, next_page("<p class='pg'><a class='next' href='{}'></a></p>"), "p.pg > a.next"),
        (OTHER, next_page("<p class='pg'><a class='next' href='{}'></a></p>"), "p.pg > a.next"),
        (SLIDER, next_page("<a class='pageNext' href='{}'></a>"), "a.pageNext"),
        (OTHER, next_page("<ul><li class='next'><a href='{}'>»</a></ul>"), ".next > a"),
        (
            "",
            next_page("<a aria-label='다음 페이지' href='{}'>›</a>"),
            "a[aria-label='다음 페이지']",
        ),
        (OTHER, next_page("<a rel='next' href='{}'>2</a>"), "a[rel~='next']"),
    ],
)
def test_every_page_of_an_html_list(
    site: Site,
    tmp_path: Path,
    before: str,
    links: Callable[[int], str],
    paging: str | dict[str, Any],
) -> None:
    serve_html(site, lambda number: before + links(number), numbered)
    wanted = {"link": paging} if isinstance(paging, str) else paging
    assert suggested(site, "/shop?it_id=5")["paging"] == wanted
    assert all_texts(site, "/shop?it_id=5", tmp_path) == EVERY


@pytest.mark.parametrize("links", [SLIDER, OTHER])
def test_links_that_lead_elsewhere(site: Site, links: str) -> None:
    serve_html(site, lambda _: links, numbered)
    assert "paging" not in suggested(site, "/shop?it_id=5")


@pytest.mark.parametrize(
    "url",
    [
        lambda number: f"/shop/5/reviews/{number}" if number > 1 else "/shop/5/reviews",
        lambda number: f"/shop/5/page/{number}",
        lambda number: f"/shop?it_id=5&start={SIZE * (number - 1)}",
        lambda number: f"/shop?it_id=5&cursor=c{number}" if number > 1 else "/shop?it_id=5",
    ],
)
def test_a_link_to_the_next_page_without_page_numbers(
    site: Site, tmp_path: Path, url: Callable[[int], str]
) -> None:
    def link(number: int) -> str:
        return f"<a class='next' href='{url(number + 1)}'>다음</a>" if number < PAGES else ""

    serve_html(site, link, url, path=url(1))
    assert all_texts(site, url(1), tmp_path) == EVERY


def test_pages_counted_from_zero(site: Site, tmp_path: Path) -> None:
    def links(_: int) -> str:
        return "".join(f"<a href='?it_id=5&page={one}'>{one + 1}</a>" for one in range(1, 5))

    serve_html(site, links, lambda number: f"/shop?it_id=5&page={number - 1}")
    assert suggested(site, "/shop?it_id=5")["paging"] == {"parameter": "page", "first": 0}
    assert all_texts(site, "/shop?it_id=5", tmp_path) == EVERY


def test_a_next_page_that_cannot_be_read_is_a_guess(site: Site) -> None:
    site.answers["/reviews"] = Answer(html_page(1, "<a class='next' href='/reviews?page=2'>2</a>"))
    found = inspect_address(address(site, "/reviews"))
    assert 'paging = { link = "a.next" }' in found.toml
    assert found.problems[1].startswith("the next page could not be read, so source.paging is a")


Json = Callable[[int, list[dict[str, Any]]], Any]


def serve_json(site: Site, form: Json, url: Callable[[int], str], path: str) -> None:
    for number in range(1, PAGES + 1):
        texts = enumerate(TEXTS[number - 1])
        rows = [
            {"id": 1000 * number + 7 * row, "content": text, "rating": row + 1}
            for row, text in texts
        ]
        site.answers[url(number)] = Answer(json.dumps(form(number, rows)))
    site.answers[url(PAGES + 1)] = Answer(json.dumps(form(PAGES + 1, [])))
    site.answers[path] = site.answers[url(1)]


def is_last(number: int) -> bool:
    return number >= PAGES


TOTAL = PAGES * SIZE


@pytest.mark.parametrize(
    ("path", "url", "form", "paging"),
    [
        pytest.param(
            "/api",
            lambda number: f"/api?page={number}",
            lambda number, rows: {
                "count": TOTAL,
                "next": None if is_last(number) else f"/api?page={number + 1}",
                "results": rows,
            },
            {"kind": "next", "path": "next"},
            id="next address",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?page={number}",
            lambda number, rows: {
                "_links": {} if is_last(number) else {"next": {"href": f"?page={number + 1}"}},
                "reviews": rows,
            },
            {"kind": "next", "path": "_links.next.href"},
            id="links",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?cursor=c{number}",
            lambda number, rows: {
                "result": {
                    "reviews": rows,
                    "nextCursor": None if is_last(number) else f"c{number + 1}",
                    "hasNext": not is_last(number),
                }
            },
            {"kind": "cursor", "parameter": "cursor", "path": "result.nextCursor"},
            id="cursor",
        ),
        pytest.param(
            "/api?after=",
            lambda number: f"/api?after=c{number}",
            lambda number, rows: {
                "pageInfo": {"endCursor": "" if is_last(number) else f"c{number + 1}"},
                "reviews": rows,
            },
            {"kind": "cursor", "parameter": "after", "path": "pageInfo.endCursor"},
            id="cursor of the address",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?pageToken=c{number}",
            lambda number, rows: {
                "reviews": rows,
                **({} if is_last(number) else {"nextPageToken": f"c{number + 1}"}),
            },
            {"kind": "cursor", "parameter": "pageToken", "path": "nextPageToken"},
            id="token",
        ),
        pytest.param(
            "/api?lastId=0",
            lambda number: f"/api?lastId={1000 * (number - 1) + 14 if number > 1 else 0}",
            lambda number, rows: {"reviews": rows, "hasNext": not is_last(number)},
            {"kind": "cursor", "parameter": "lastId", "path": "reviews.-1.id"},
            id="last id",
        ),
        pytest.param(
            "/api?offset=0&limit=3",
            lambda number: f"/api?offset={SIZE * (number - 1)}&limit=3",
            lambda _, rows: {"total": TOTAL, "items": rows},
            {"kind": "offset", "parameter": "offset"},
            id="offset",
        ),
        pytest.param(
            "/api?start=1&display=3",
            lambda number: f"/api?start={SIZE * (number - 1) + 1}&display=3",
            lambda _, rows: {"total": TOTAL, "items": rows},
            {"kind": "offset", "parameter": "start"},
            id="offset from one",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?page={number}",
            lambda number, rows: {"totalPages": PAGES, "currentPage": number, "reviews": rows},
            {"kind": "page", "parameter": "page"},
            id="page of the answer",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?page={number - 1}",
            lambda number, rows: {
                "content": rows, "number": number - 1, "totalPages": PAGES, "totalElements": TOTAL,
            },
            {"kind": "page", "parameter": "page", "first": 0},
            id="page from zero",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?pageNo={number}",
            lambda number, rows: {"data": {"pageNo": number, "totalCount": TOTAL, "list": rows}},
            {"kind": "page", "parameter": "pageNo"},
            id="page under its own name",
        ),
        pytest.param(
            "/api",
            lambda number: f"/api?page={number - 1}",
            lambda _, rows: {"totalCount": TOTAL, "list": rows},
            {"kind": "page", "parameter": "page", "first": 0},
            id="only a total",
        ),
    ],
)  # fmt: skip
def test_every_page_of_a_json_list(
    site: Site,
    tmp_path: Path,
    path: str,
    url: Callable[[int], str],
    form: Json,
    paging: dict[str, Any],
) -> None:
    serve_json(site, form, url, path)
    assert suggested(site, path)["paging"] == paging
    assert all_texts(site, path, tmp_path) == EVERY


def test_an_offset_begins_at_the_first_review(site: Site, tmp_path: Path) -> None:
    serve_json(
        site,
        lambda _, rows: {"total": TOTAL, "items": rows},
        lambda number: f"/api?offset={SIZE * (number - 1)}&limit=3",
        "/api?offset=0&limit=3",
    )
    assert all_texts(site, "/api?offset=6&limit=3", tmp_path) == EVERY


def test_a_cursor_begins_at_the_first_review(site: Site, tmp_path: Path) -> None:
    serve_json(
        site,
        lambda number, rows: {"next_cursor": f"c{number + 1}" * (number < PAGES), "data": rows},
        lambda number: f"/api?size=3&cursor=c{number}",
        "/api?size=3",
    )
    assert all_texts(site, "/api?size=3&cursor=c3", tmp_path) == EVERY


def test_a_parameter_that_is_ignored_is_not_suggested(site: Site) -> None:
    rows = [{"id": 7 * one, "content": text, "rating": 5} for one, text in enumerate(TEXTS[0])]
    answer = {"totalCount": TOTAL, "nextCursor": "abc", "list": rows}
    for query in ("", "?page=1", "?page=2", "?page=0", "?cursor=abc", "?nextCursor=abc"):
        site.answers[f"/api{query}"] = Answer(json.dumps(answer))
    assert "paging" not in suggested(site, "/api")
    pages = [one.path for one in site.asked if one.path != "/robots.txt"]
    assert len(pages) <= 1 + MAX_REQUESTS
    assert len(pages) == len(set(pages))


def test_pages_of_a_script(site: Site, tmp_path: Path) -> None:
    for number in range(1, PAGES + 2):
        texts = TEXTS[number - 1] if number <= PAGES else []
        rows = [{"reviewSeq": 100 * number + 7 * row, "contents": text, "grade": 5 - row}
                for row, text in enumerate(texts)]  # fmt: skip
        state = json.dumps({"props": {"reviews": {"list": rows, "totalCount": TOTAL}}})
        script = f"<html><body><script id='__NEXT_DATA__'>{state}</script></body></html>"
        site.answers[f"/p/7?page={number}"] = Answer(script)
    site.answers["/p/7"] = site.answers["/p/7?page=1"]
    assert all_texts(site, "/p/7", tmp_path) == EVERY
