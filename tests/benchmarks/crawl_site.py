"""Serves the movie reviews as a local site: a paginated HTML list, and a JSON API by film.

Run with ``python -m tests.benchmarks.crawl_site REVIEWS LIMIT``.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PER_PAGE = 30
CELL = "wydm6"


class Content:
    """All responses, built before the first request.

    Args:
        reviews: ``site_reviews.jsonl.gz``.
        limit: Maximum number of reviews.
    """

    def __init__(self, reviews: Path, limit: int) -> None:
        with gzip.open(reviews, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in islice(lines, limit)]
        rows.reverse()  # newest first, as lists of reviews are
        self.pages: dict[str, tuple[str, bytes]] = {
            "/robots.txt": ("text/plain", b"User-agent: *\n")
        }
        last = (len(rows) - 1) // PER_PAGE + 1
        for number in range(1, last + 1):
            part = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
            following = f"/list?page={number + 1}" if number < last else ""
            self.pages[f"/list?page={number}"] = ("text/html", _list(part, following).encode())
        films = defaultdict(list)
        for row in rows:
            films[row["movie_id"]].append(row)
        cell = {"items": [{"areaDanjiId": film, "areaDanjiName": film} for film in films]}
        self._add_json(f"/v2/aparts/items?domain=zigbang&geohash={CELL}", cell)
        for film, part in films.items():
            self._add_json(f"/property/apartments/{film}/reviews/v1", {"data": [
                {"id": row["review_id"], "desc": row["text"], "score": row["rating"],
                 "date": row["date"]}
                for row in part
            ]})  # fmt: skip

    def _add_json(self, path: str, answer: dict[str, Any]) -> None:
        self.pages[path] = ("application/json", json.dumps(answer, ensure_ascii=False).encode())


def _list(rows: list[dict[str, Any]], following: str) -> str:
    items = "\n".join(
        f'<li class="review" data-id="{row["review_id"]}"><div class="head">'
        f'<span class="film">{row["movie_id"]}</span><span class="score">{row["rating"]}</span>'
        f'<time>{row["date"]}</time></div><p class="text">{escape(row["text"])}</p>'
        '<div class="tools"><a href="#">공감</a> <a href="#">신고</a></div></li>'
        for row in rows
    )
    link = f'<a class="next" href="{following}">다음</a>' if following else ""
    return (
        "<!doctype html><html lang='ko'><head><meta charset='utf-8'><title>영화평</title></head>"
        f"<body><header><h1>영화평</h1></header><ul>{items}</ul><nav>{link}</nav></body></html>"
    )


class _Handler(BaseHTTPRequestHandler):
    content: Content
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = "&".join(f"{k}={v[0]}" for k, v in sorted(parse_qs(parts.query).items()))
        found = self.content.pages.get(f"{parts.path}?{query}" if query else parts.path)
        kind, body = found or ("text/plain", b"no such page")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Suppress request logs."""


def main(reviews: str, limit: str) -> None:
    """Print the address and serve until terminated."""
    handler = type("Handler", (_Handler,), {"content": Content(Path(reviews), int(limit))})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
