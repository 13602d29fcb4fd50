"""Serves a list of one page for each of any number of targets.

Run with ``python -m tests.benchmarks.crawl_targets``.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PER_PAGE = 10
TEXT = "배송이 빠르고 포장도 꼼꼼해서 좋았습니다. 다음에도 여기서 사려고 합니다. "


def source(url: str, targets: str, connections: int) -> dict[str, Any]:
    """Source settings for the targets in a file."""
    return {
        "kind": "json",
        "name": "targets",
        "url": f"{url}/{{target}}",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": "rating"},
        "targets": targets,
        "fetch": {"delay": 0, "connections": connections, "private_hosts": ["127.0.0.1"]},
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        target = self.path.removeprefix("/")
        reviews = [
            {"id": number, "text": f"{target}: {TEXT}{number}", "rating": 1 + number % 5}
            for number in range(PER_PAGE)
        ]
        body = json.dumps({"reviews": reviews} if target.isdecimal() else {}).encode()
        self.send_response(200 if target.isdecimal() else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Suppress request logs."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
