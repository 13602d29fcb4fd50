"""The bundled demo site: invented apartment reviews, served over HTTP on loopback.

``/reviews?page=1`` lists the reviews in HTML, 30 per page, with a link to the next page. The JSON
API has the paths of an apartment site: ``/v2/aparts/items?geohash=CELL`` lists the complexes of a
cell, ``/property/apartments/ID/reviews/v1`` the reviews of a complex. Requests with a current
ETag get status 304.

``python -m pipeline.crawl.demo_site`` serves the site until interrupted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.bundled import bundled
from pipeline.settings import ZigbangFields

DATA = bundled("demo")
REVIEWS_PER_PAGE = 30
ETAG_DIGITS = 32
ROBOTS = "User-agent: *\nDisallow: /admin/\n"


@dataclass(frozen=True)
class DemoSite:
    """A running demo site.

    Attributes:
        url: Scheme, host and port.
        cells: Geohash cells that contain complexes.
        reviews: Number of reviews.
    """

    url: str
    cells: tuple[str, ...]
    reviews: int


class _Content:
    def __init__(self) -> None:
        lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
        self.reviews: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.reviews.sort(key=lambda review: (review["date"], review["id"]), reverse=True)
        complexes = json.loads((DATA / "complexes.json").read_text(encoding="utf-8"))
        self.complexes: dict[int, dict[str, Any]] = {item["id"]: item for item in complexes}

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[str, str] | None:
        """Content type and body of a page, None if the page does not exist."""
        if path == "/robots.txt":
            return "text/plain", ROBOTS
        if path in ("/", "/reviews"):
            return "text/html", self._list(int(query.get("page", ["1"])[0]))
        if path == "/v2/aparts/items":
            return "application/json", self._cell(query.get("geohash", [""])[0])
        if match := re.fullmatch(r"/property/apartments/(\d+)/reviews/v1", path):
            return "application/json", self._complex(int(match[1]))
        return None

    def _cell(self, cell: str) -> str:
        items = [
            {"areaDanjiId": item["id"], "areaDanjiName": item["name"], "address": item["address"]}
            for item in self.complexes.values()
            if item["geohash"] == cell
        ]
        return json.dumps({"vrItems": [], "recommendItems": items[:1], "items": items[1:]})

    def _complex(self, complex_id: int) -> str:
        found = [review for review in self.reviews if review["complex"] == complex_id]
        data = []
        for review in found:
            item = {
                "id": review["id"],
                "date": review["date"],
                "desc": review["text"],
                "score": review["score"],
            }
            for field, aspect in ZigbangFields().aspects.items():
                item[f"{field}Score"] = review["aspect_scores"][aspect]
                item[f"{field}Desc"] = review["aspect_texts"].get(aspect)
            data.append(item)
        return json.dumps({"summary": {"count": len(found)}, "data": data}, ensure_ascii=False)

    def _list(self, page: int) -> str:
        start = (max(page, 1) - 1) * REVIEWS_PER_PAGE
        items = "\n".join(map(self._item, self.reviews[start : start + REVIEWS_PER_PAGE]))
        last = start + REVIEWS_PER_PAGE >= len(self.reviews)
        link = "" if last else f'<a class="next" href="/reviews?page={page + 1}">다음</a>'
        return (
            "<!doctype html>\n<html lang='ko'>\n<head><meta charset='utf-8'>"
            "<title>아파트 이야기</title></head>\n<body>\n<h1>아파트 이야기</h1>\n"
            f"<ul class='reviews'>\n{items}\n</ul>\n<nav>{link}</nav>\n</body>\n</html>\n"
        )

    def _item(self, review: dict[str, Any]) -> str:
        name = self.complexes[review["complex"]]["name"]
        year, month, day = review["date"].split("-")
        return (
            f"<li class='review' data-id='{escape(str(review['id']))}'>"
            f"<h2 class='complex'>{escape(name)}</h2>"
            f"<span class='score'>{review['score']}점</span>"
            f"<time>{year}.{month}.{day}</time>"
            f"<p class='text'>{escape(review['text'])}</p></li>"
        )


class _Handler(BaseHTTPRequestHandler):
    content: _Content
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # these two avoid a delay of 40 ms per response (delayed ACK)
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        try:
            answer = self.content.answer(url.path, parse_qs(url.query))
        except ValueError:
            answer = None
        status = HTTPStatus.OK if answer else HTTPStatus.NOT_FOUND
        kind, text = answer or ("text/plain", "page not found\n")
        body = text.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:ETAG_DIGITS]}"'
        if answer and self.headers.get("If-None-Match") == etag:
            status, body = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        self.send_header("ETag", etag)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Do not log requests."""


@contextlib.contextmanager
def serve_demo_site(port: int = 0) -> Iterator[DemoSite]:
    """Serve the site while the block runs; port 0 selects a free port."""
    content = _Content()
    handler = type("Handler", (_Handler,), {"content": content})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="demo-site", daemon=True)
        thread.start()
        try:
            yield DemoSite(
                url=f"http://127.0.0.1:{server.server_address[1]}",
                cells=tuple(sorted({item["geohash"] for item in content.complexes.values()})),
                reviews=len(content.reviews),
            )
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    try:
        with serve_demo_site(port=8040) as site, contextlib.suppress(KeyboardInterrupt):
            print(f"serving {site.reviews} reviews at {site.url}/reviews (Ctrl-C to stop)")
            threading.Event().wait()
    except OSError as error:
        sys.exit(f"error: cannot use port 8040: {error.strerror}; stop the process that uses it")
