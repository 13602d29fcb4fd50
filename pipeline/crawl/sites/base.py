"""Types of a crawl: requests, pages, parsed pages and the interface of a site."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pipeline.bounded_json import load_json
from pipeline.crawl.sites.list_end import Trail
from pipeline.reviews.review import Review

_ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to a site.

    Attributes:
        url: Absolute http or https URL.
        method: ``GET`` or ``POST``.
        body: JSON body of a POST, empty for a GET.
        kind: Selects the site's parser for the response.
        group: Id of what is reviewed, if the page does not contain it.
        group_name: Display name of the group.
        target: Target of the list, empty if the source has none.
        full: Whether all pages of the list are fetched even if the crawl is incremental.
        number: Page number within its list, from 1.
        known: Number of consecutive known, unchanged reviews at the end of the previous page.
        repeated: Number of consecutive previous pages with only reviews of earlier pages.
        is_linked: Whether the previous page of the list named this one, by a link or a cursor.
        trail: What the previous pages of the list have shown.
    """

    url: str
    method: str = "GET"
    body: str = ""
    kind: str = "list"
    group: str = ""
    group_name: str = ""
    target: str = ""
    full: bool = False
    number: int = 1
    known: int = 0
    repeated: int = 0
    is_linked: bool = False
    trail: Trail = field(default_factory=Trail)

    @classmethod
    def load(cls, text: str) -> Request:
        """The request that :meth:`dump` returned as JSON."""
        found = json.loads(text)
        return cls(**{**found, "trail": Trail.of(found.get("trail", {}))})

    def dump(self) -> str:
        """The request as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def place(self) -> str:
        """The URL as messages show it, with the name of the target."""
        return f"{self.group_name or self.target}: {self.url}" if self.target else self.url

    @property
    def parameters(self) -> str:
        """Query and body."""
        return f"{urlsplit(self.url).query} {self.body}"

    @property
    def fingerprint(self) -> str:
        """Hash of method, canonical URL, body and target; equal for equivalent requests."""
        parts = [self.method, canonical_url(self.url), _canonical_body(self.body)]
        parts += [self.target] if self.target else []
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A fetched page.

    Attributes:
        url: Final URL, after redirects.
        status: 200, or 304 if the page has not changed since the last fetch.
        text: Decoded body; empty with status 304.
        etag: ETag header, empty if the server sent none.
        last_modified: Last-Modified header, empty if the server sent none.
        encoding: Python's name of the encoding of the body.
    """

    url: str
    status: int = 200
    text: str = ""
    etag: str = ""
    last_modified: str = ""
    encoding: str = "utf-8"


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """Content of a page.

    Attributes:
        reviews: Reviews, in page order.
        requests: Further pages to fetch.
        next_page: Next page of the same list, None at the end.
        skipped: Number of unusable items by reason.
        unread: Kind (``dates``, ``ratings``, ``labels``) and value of each value that is not
            understood.
        doubt: Why the page may be incomplete, or may not be the end of its list; empty if there is
            no doubt.
        is_unproved: Whether the list ends here although the page before was full, and only a
            missing page or missing reviews say so. Its reviews count as complete, but none is
            marked as deleted.
        cut: Why the list cannot be followed further; empty if it can, or if it ends here.
        notices: Other messages about the list for the user.
    """

    reviews: Sequence[Review] = ()
    requests: Sequence[Request] = ()
    next_page: Request | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    unread: Sequence[tuple[str, object]] = ()
    doubt: str = ""
    is_unproved: bool = False
    cut: str = ""
    notices: Sequence[str] = ()


class Site(Protocol):
    """Interface of a site: first requests and page parser.

    Attributes:
        name: Name of the source in the store.
    """

    name: str

    def start(self) -> Iterable[Request]:
        """The first requests; may be many."""

    def parse(self, request: Request, page: Page) -> Parsed:
        """Parse a page; a pure function.

        Raises:
            SourceError: The page does not match the settings.
        """


def canonical_url(url: str) -> str:
    """Normalize a URL for comparison.

    Removes fragment and default port, lower-cases the host, sorts query parameters, normalizes
    percent escapes and replaces an empty path with ``/``.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme):
        host += f":{parts.port}"
    as_bytes: Any = {"errors": "surrogateescape"}  # keeps CP949 escapes unchanged
    query = urlencode(
        sorted(parse_qsl(parts.query, keep_blank_values=True, **as_bytes)), **as_bytes
    )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), path)
    return urlunsplit((parts.scheme, host, path, query, ""))


def _canonical_body(body: str) -> str:
    try:
        return json.dumps(load_json(body), sort_keys=True) if body else ""
    except ValueError:
        return body
