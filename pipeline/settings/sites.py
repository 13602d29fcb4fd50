"""Settings that all kinds of sites share, and addresses without their secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

from pydantic import Field, PlainSerializer, model_validator

from pipeline.bounded_json import load_json
from pipeline.redact import is_secret_name, redact
from pipeline.settings.reading import ReadingSection
from pipeline.settings.secrets import Hidden
from pipeline.settings.section import Section
from pipeline.settings.source_name import SourceName

Address = Annotated[str, PlainSerializer(redact, when_used="json")]
"""Part of a URL, or a JSON body; as JSON (cache keys, Prefect's parameters) without secrets."""
HttpUrl = Annotated[Address, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")]


_OWN_HEADERS = {
    *("accept-encoding", "connection", "content-length", "host", "if-modified-since"),
    *("if-none-match", "range", "transfer-encoding", "user-agent"),
}
"""Headers that the crawler sets itself; see ``source.fetch.user_agent``."""


def fingerprint(body: str, query: Mapping[str, str] | None = None) -> str:
    """Hash of a JSON body and own query, for the source's name; empty if there is neither."""
    named = {name: text for name, text in (query or {}).items() if not is_secret_name(name)}
    if not body and not named:
        return ""
    with suppress(ValueError):
        body = json.dumps(load_json(body), sort_keys=True)
    parts = [redact(body), *(f"{name}={named[name]}" for name in sorted(named))]
    return f" {hashlib.sha256('&'.join(parts).encode()).hexdigest()[:8]}"


class FetchSettings(Section):
    """HTTP requests to a site."""

    user_agent: str = "review-sentiment/0.1"
    """Product name and version in the User-Agent header. The name selects the robots.txt rules."""
    contact: str = ""
    """E-mail address or URL where the site's owner can reach you, appended to the User-Agent
    header. Required for public sites."""
    headers: dict[str, Hidden] = Field({})
    """Headers that are sent with every request to the hosts of the source's addresses. Values may
    contain ``{env:NAME}``, which is replaced by the value of an environment variable, and
    ``{target}``."""
    query: dict[str, Hidden] = Field({})
    """Query parameters that are added to the same requests; values as in ``headers``."""
    bearer: Hidden = ""
    """Token for the header ``Authorization: Bearer``, such as ``{env:SHOP_TOKEN}``."""
    basic: Hidden = ""
    """User and password for the header ``Authorization: Basic``, such as
    ``{env:SHOP_USER}:{env:SHOP_PASSWORD}``."""
    token_command: tuple[Hidden, ...] = ()
    """Command (program and arguments) that prints the token for the header ``Authorization:
    Bearer``, for tokens that expire within minutes. It runs before the first request and again
    when the site answers with status 401. Empty: no command."""
    delay: float = Field(1.0, ge=0)
    """Minimum time between the starts of two requests to one host, in seconds. A longer
    Crawl-delay in robots.txt takes precedence."""
    connections: int = Field(1, ge=1, le=64)
    """Maximum number of concurrent requests."""
    connect_timeout: float = Field(10.0, gt=0)
    """Maximum time to connect, in seconds."""
    read_timeout: float = Field(30.0, gt=0)
    """Maximum time without receiving data, in seconds."""
    page_timeout: float = Field(120.0, gt=0)
    """Maximum time per attempt to fetch a page, including redirects, in seconds."""
    max_bytes: int = Field(10_000_000, ge=1)
    """Maximum size of a response body after decompression, in bytes."""
    max_tries: int = Field(5, ge=1)
    """Maximum number of attempts per page. Only timeouts, connection errors, the statuses 206,
    408, 429, 500, 502, 503 and 504, and responses that are not a page of the list are retried."""
    max_cooldown: float = Field(600.0, gt=0)
    """Maximum pause between attempts, in seconds; also limits the server's Retry-After. A site
    that asks for a longer Crawl-delay is not crawled."""
    hosts: tuple[str, ...] = ()
    """Additional hosts that links and redirects may lead to. Empty: only the host of the first
    page."""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may resolve to private, loopback or link-local addresses. Empty: only public
    addresses are allowed."""

    @property
    def places(self) -> dict[str, str]:
        """The settings that may hold ``{target}``, by name."""
        return {
            "fetch.headers": " ".join(self.headers.values()),
            "fetch.query": " ".join(self.query.values()),
        }

    @model_validator(mode="after")
    def _authorizes_once(self) -> FetchSettings:
        for name in self.headers:
            if name.lower() in _OWN_HEADERS:
                raise ValueError(f"the header {name} is set by the crawler: remove it")
        named = [name for name in self.headers if name.lower() == "authorization"]
        ways = (self.bearer, self.basic, self.token_command)
        if sum(map(bool, ways)) + len(named) > 1:
            raise ValueError(
                "set only one of bearer, basic, token_command and the header Authorization"
            )
        return self


class SiteSection(ReadingSection):
    """Settings that all kinds of sites share."""

    name: SourceName = ""
    """Name of the source in the store. Empty: derived from the address without secrets, and from
    the body of a POST. Reviews under a different name are a different source."""
    look_back: int = Field(60, ge=1)
    """Number of consecutive known, unchanged reviews after which an incremental crawl stops
    reading a list."""
    max_pages: int = Field(10_000, ge=1)
    """Maximum number of pages to follow in one list."""
    max_failed_pages: int = Field(0, ge=0)
    """Number of pages that may fail before the crawl fails."""
    max_deleted_share: float = Field(0.1, ge=0, le=1)
    """Maximum share of the source's reviews that a full crawl may mark as deleted. If more reviews
    are missing, none is marked, unless the command is run with ``--yes-delete``."""
    fetch: FetchSettings = FetchSettings()
    """HTTP requests to the site."""

    @property
    def templates(self) -> list[str]:
        """The texts of the settings, such as addresses and bodies, which may hold secrets."""
        return [text for _, text in self if isinstance(text, str)]

    @property
    def has_targets(self) -> bool:
        """Whether the site has a list for each of several targets."""
        return False
