"""Cookies of sites that show pages only to visitors with cookies."""

from __future__ import annotations

import threading

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar

from pipeline.crawl.http.client import Answer


class Cookies:
    """The cookies of one session. Thread-safe.

    Cookies are kept only for hosts that set a cookie with a redirect: without the cookie they
    would redirect in an endless loop. Other hosts get no cookies.
    """

    def __init__(self) -> None:
        self._jar = RequestsCookieJar()
        self._hosts: set[str] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Cookies({sorted(self._hosts)})"

    def add_to(self, request: PreparedRequest) -> str:
        """Set the Cookie header of a request; returns it, empty if there is no cookie."""
        with self._lock:
            if self._hosts:
                request.prepare_cookies(self._jar)
        return request.headers.get("Cookie", "")

    def keep(self, host: str, answer: Answer) -> None:
        """Keep the cookies of a response, if the host is one that needs them."""
        with self._lock:
            if answer.target and len(answer.cookies):
                self._hosts.add(host)
            if host in self._hosts:
                self._jar.update(answer.cookies)
