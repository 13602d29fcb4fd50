"""What a crawl passes around: requests, the pages they bring, and what a page holds."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pipeline.reviews.review import Review

_ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One thing to ask a site for.

    Attributes:
        url: Absolute http or https address.
        method: ``GET`` or ``POST``.
        body: JSON text of a POST, empty for a GET.
        kind: Which of the source's parsers reads the answer.
        group: Identity of what is reviewed, where the page itself does not say it.
        group_name: Its name for people.
        number: Place in its list of pages, from 1.
        known: Reviews in a row, up to the page before this one in its list, that the store had
            as they are.
        repeated: Pages in a row before this one with nothing but reviews of earlier pages.
    """

    url: str
    method: str = "GET"
    body: str = ""
    kind: str = "list"
    group: str = ""
    group_name: str = ""
    number: int = 1
    known: int = 0
    repeated: int = 0

    @property
    def fingerprint(self) -> str:
        """The same for requests that ask for the same: canonical address, method and body."""
        parts = [self.method, canonical_url(self.url), _canonical_body(self.body)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a server answered.

    Attributes:
        url: The final address, after redirects.
        status: 200 or, when the page has not changed since it was last fetched, 304.
        text: The decoded body; empty with 304.
        etag: Validators to ask with next time, empty where the server sent none.
        last_modified: See ``etag``.
    """

    url: str
    status: int = 200
    text: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a page holds.

    Attributes:
        reviews: In the order of the page.
        requests: Other pages to fetch, each on its own.
        next_page: The page that follows in the same list.
        skipped: Items that could not be used, by reason.
    """

    reviews: Sequence[Review] = ()
    requests: Sequence[Request] = ()
    next_page: Request | None = None
    skipped: Counter[str] = field(default_factory=Counter)


class Site(Protocol):
    """A kind of site: where its crawl begins and how its pages are read.

    Attributes:
        name: Under which the store keeps the reviews.
    """

    name: str

    def start(self) -> list[Request]:
        """The first requests."""

    def parse(self, request: Request, page: Page) -> Parsed:
        """Read a page; pure.

        Raises:
            SourceError: The page has another shape than the settings describe.
        """


def canonical_url(url: str) -> str:
    """The address without its fragment, host in lower case, parameters in order.

    Default ports are left out, an empty path is ``/``, and escapes are written one way.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme):
        host += f":{parts.port}"
    as_bytes: Any = {"errors": "surrogateescape"}  # CP949 escapes stay what they are
    query = urlencode(
        sorted(parse_qsl(parts.query, keep_blank_values=True, **as_bytes)), **as_bytes
    )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), path)
    return urlunsplit((parts.scheme, host, path, query, ""))


def _canonical_body(body: str) -> str:
    try:
        return json.dumps(json.loads(body), sort_keys=True) if body else ""
    except ValueError:
        return body
