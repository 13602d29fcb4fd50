"""Query parameters, links and secrets of URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_plus, urljoin, urlsplit, urlunsplit

from pipeline.errors import SourceError
from pipeline.redact import replace_secrets, secrets_in

_PLACE = re.compile(r"\{secret:(\d+)\}")


class Secrets:
    """The secrets of a source's settings, which are removed from stored URLs of its pages.

    A secret is also found if a link of a page repeats it in another encoding.

    Args:
        settings: URLs and JSON bodies of the settings.
    """

    def __init__(self, settings: Iterable[str] = ()) -> None:
        self._values: list[str] = []
        for text in settings:
            for secret in secrets_in(text):
                plain = unquote_plus(secret)
                self._values += [secret, plain, quote(plain, safe="")]

    def __repr__(self) -> str:
        return f"Secrets({len(self._values)})"

    def hide(self, text: str) -> str:
        """Replace the secrets in a URL or JSON body by their index among the settings' secrets."""

        def place(secret: str) -> str:
            known = secret in self._values
            return f"{{secret:{self._values.index(secret)}}}" if known else secret

        return replace_secrets(text, place) if self._values else text

    def show(self, text: str) -> str:
        """Undo :meth:`hide`, with the current secrets of the settings."""

        def secret(match: re.Match[str]) -> str:
            place = int(match[1])
            return self._values[place] if place < len(self._values) else match[0]

        return _PLACE.sub(secret, text)


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


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, empty if it is not one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def is_same_site(url: str, other: str) -> bool:
    """Whether another URL has the same host and port; https may not become http."""
    origin, another = origin_of(url), origin_of(other)
    return another in (origin, origin.replace("http://", "https://", 1))


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])
