"""The HTTP server of the reports, such as ``/<key>/report.html``; requires a login."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import re
import secrets
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flows.request_guard import RequestGuard
from pipeline.errors import RunError
from pipeline.storage import names

LOOPBACK = "127.0.0.1"
FILES = (
    *(names.REPORT, names.WORKBOOK, names.REPORT_PDF),
    *(names.COMPARISON, names.COMPARISON_WORKBOOK, names.COMPARISON_PDF),
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PATH = re.compile(rf"/[A-Za-z0-9_-]+/(?:{'|'.join(map(re.escape, FILES))})", re.ASCII)


@contextlib.contextmanager
def serve_reports(folder: Path, port: int, login: str) -> Iterator[str]:
    """Serve the reports on loopback; yield the URL of the folder.

    Args:
        folder: Folder with a subfolder for each report.
        port: Port to listen on.
        login: ``user:password`` that a reader must give.

    Raises:
        RunError: The port is in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(_ReportHandler, directory=str(folder), login=login)
    try:
        server = http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        raise RunError(
            f"cannot serve the reports at {LOOPBACK}:{port}: {error.strerror}; "
            "change dashboard.reports_port"
        ) from error
    threading.Thread(target=server.serve_forever, name="reports", daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _ReportHandler(http.server.SimpleHTTPRequestHandler):
    """Answers GET and HEAD for reports and files beside them; no page loads another file."""

    guard = RequestGuard(LOOPBACK)
    extensions_map = TYPES

    def __init__(self, *args: Any, login: str, **options: Any) -> None:
        self._token = b"Basic " + base64.b64encode(login.encode())
        super().__init__(*args, **options)

    def send_head(self) -> Any:
        if refused := self.guard.refusal(self.command, self.headers.items()):
            self.send_error(refused[0])
            return None
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self._token):
            self._ask_for_the_login()
            return None
        if not _PATH.fullmatch(self.path):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _ask_for_the_login(self) -> None:
        self.send_response(HTTPStatus.UNAUTHORIZED)
        self.send_header("WWW-Authenticate", 'Basic realm="reports"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Do not log requests."""
