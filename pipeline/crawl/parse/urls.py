"""Query parameters and links of URLs."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus, urljoin, urlsplit, urlunsplit

from pipeline.errors import SourceError

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def with_parameter(url: str, name: str, value: str | float) -> str:
    """Set one query parameter; the rest of the URL, including its encoding, stays unchanged."""
    parts = urlsplit(url)
    setting = f"{quote(name, safe='[]')}={quote(str(value), safe='')}"
    pieces = parts.query.split("&") if parts.query else []
    places = [place for place, piece in enumerate(pieces) if _name(piece) == name]
    if not places:
        pieces.append(setting)
    for place in reversed(places[1:]):
        del pieces[place]
    for place in places[:1]:
        pieces[place] = setting
    return urlunsplit(parts._replace(query="&".join(pieces)))


def parameter(url: str, name: str) -> str | None:
    """The value of a query parameter, None if it does not exist."""
    for piece in urlsplit(url).query.split("&"):
        if _name(piece) == name:
            return unquote_plus(piece.partition("=")[2])
    return None


def follow(url: str, link: str, encoding: str = "utf-8") -> str:
    """Resolve a link relative to the page's URL.

    Args:
        url: URL of the page, or of its ``<base>``.
        link: The link.
        encoding: Encoding of the page; browsers encode the query of a link in it.

    Returns:
        The absolute http or https URL; empty for fragments and other schemes.

    Raises:
        SourceError: The link is not a valid URL.
    """
    link = link.strip()
    try:
        target = urljoin(url, link) if link and not link.startswith("#") else ""
        parts = urlsplit(target)
    except ValueError as error:
        raise SourceError(
            f"{url}: the link {link[:80]!r} to the next page is not a valid URL: "
            "check source.paging"
        ) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    if parts.query.isascii():
        return target
    encoding = "utf-8" if encoding.startswith(("utf-16", "utf-32")) else encoding
    query = _NOT_ASCII.sub(
        lambda found: quote(found[0].encode(encoding, "xmlcharrefreplace"), safe=""), parts.query
    )
    return urlunsplit(parts._replace(query=query))


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])
