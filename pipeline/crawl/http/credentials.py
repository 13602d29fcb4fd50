"""What a source's settings add to requests: headers, parameters and secrets of the environment.

Addresses contain ``{env:NAME}`` until a request is sent, and the secret is replaced by it again in
the site's response, so that nothing that is stored or shown contains the secret.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

from pipeline.crawl.http.token_command import TokenCommand
from pipeline.crawl.parse.urls import with_parameter
from pipeline.errors import SettingsError
from pipeline.redact import MASK, hide_value, is_secret_name
from pipeline.settings import FetchSettings
from pipeline.settings.secrets import VARIABLE
from pipeline.settings.sites import SiteSection
from pipeline.settings.targets import TARGET

MIN_SOUGHT = 8
"""Minimum length of secrets to look for in answers; a shorter one may be a word of a review."""


class Credentials:
    """Headers and parameters of a source's requests, with its secrets.

    Args:
        fetch: Headers, parameters, bearer token, user and password.
        templates: Addresses and bodies of the settings, which may contain ``{env:NAME}``.
        environment: Variables that hold the secrets.

    Raises:
        SettingsError: A variable is not set, or a header cannot be sent.
    """

    def __init__(
        self,
        fetch: FetchSettings,
        templates: Iterable[str] = (),
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._fetch = fetch
        own = (fetch.bearer, fetch.basic, *fetch.headers.values(), *fetch.query.values())
        names = {name for text in (*templates, *own) for name in VARIABLE.findall(text)}
        self._values = {name: _variable(name, environment) for name in sorted(names)}
        self._sought: dict[str, str] = {}
        for name, value in self._values.items():
            self._seek(value, f"{{env:{name}}}")
        for name, text in (fetch.headers | fetch.query).items():
            if is_secret_name(name):
                self._seek(self._plain(text).rpartition(" ")[2], MASK)
        self._headers = self._own_headers()
        command = fetch.token_command
        self._command = TokenCommand(command, self._seek_token) if command else None

    @classmethod
    def of(cls, source: SiteSection) -> Credentials:
        """The credentials of a source, with the variables that its addresses and body name."""
        return cls(source.fetch, source.templates)

    def __repr__(self) -> str:
        return f"Credentials({sorted(self._values)})"

    def url(self, url: str, target: str) -> str:
        """The URL with its secrets and with ``source.fetch.query``."""
        filled = self._fill(url, lambda value: quote(value, safe=""))
        for name, text in self._fetch.query.items():
            filled = with_parameter(filled, name, self._plain(text).replace(TARGET, target))
        return filled

    def body(self, body: str) -> str:
        """The JSON body with its secrets."""
        return self._fill(body, lambda value: json.dumps(value, ensure_ascii=False)[1:-1])

    def headers(self, target: str) -> dict[str, str]:
        """The configured headers, with the target and a token filled in.

        Raises:
            FetchError: ``source.fetch.token_command`` gives no token.
        """
        headers = {name: value.replace(TARGET, target) for name, value in self._headers.items()}
        if self._command:
            headers["Authorization"] = f"Bearer {self._command.token}"
        return headers

    def renew(self) -> bool:
        """Get a new token if a command provides tokens; returns whether it is another one."""
        return self._command is not None and self._command.renew()

    def hide(self, text: str) -> str:
        """Mask the secrets that an answer or its URL repeats, if possible with ``{env:NAME}``."""
        for written, place in list(self._sought.items()):  # a renewed token may be added
            if written in text:
                text = text.replace(written, place)
        return text

    def _own_headers(self) -> dict[str, str]:
        headers = {name: self._plain(text) for name, text in self._fetch.headers.items()}
        if self._fetch.bearer:
            token = self._plain(self._fetch.bearer)
            self._seek(token, MASK)
            headers["Authorization"] = f"Bearer {token}"
        if self._fetch.basic:
            pair = self._plain(self._fetch.basic)
            encoded = base64.b64encode(pair.encode()).decode()
            for secret in (encoded, pair.partition(":")[2]):
                self._seek(secret, MASK)
            headers["Authorization"] = f"Basic {encoded}"
        for name, value in headers.items():
            if not value.isprintable():
                raise SettingsError(
                    f"source.fetch: the header {name} has a line break or a control character: "
                    "remove it"
                )
        return headers

    def _seek_token(self, token: str) -> None:
        self._seek(token, MASK)

    def _seek(self, secret: str, place: str) -> None:
        """Mask a secret in messages and in answers, in all encodings that a site may use."""
        hide_value(secret)
        if len(secret) < MIN_SOUGHT:
            return
        in_json = json.dumps(secret)[1:-1]
        forms = (secret, in_json, in_json.replace("/", "\\/"), quote(secret, safe=""))
        for form in (*forms, quote_plus(secret), quote(secret)):
            self._sought.setdefault(form, place)

    def _plain(self, text: str) -> str:
        return self._fill(text, str)

    def _fill(self, text: str, escape: Callable[[str], str]) -> str:
        values = self._values
        return VARIABLE.sub(
            lambda found: escape(values[found[1]]) if found[1] in values else found[0], text
        )


def _variable(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(
            f"the environment variable {name} is not set, and the source needs it for "
            f"{{env:{name}}}: set it where the command runs"
        )
    return value
