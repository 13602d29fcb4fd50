"""Makes text safe to show or store: without secrets of URLs and without control characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote_plus

MASK = "***"
MIN_HIDDEN = 4
"""Minimum length of a secret that is masked wherever it occurs."""
MAX_EXCERPT = 40
"""Maximum number of characters of a value that a message quotes."""
_hidden: set[str] = set()
_EXACT = {
    *("auth", "authorization", "credential", "credentials", "jwt", "key", "pass", "passphrase"),
    *("passwd", "pw", "pwd", "sig"),
}
_ENDINGS = (
    *("accesskey", "apikey", "appkey", "authkey", "clientkey", "consumerkey", "privatekey"),
    *("secretkey", "servicekey", "subscriptionkey"),
    *("credential", "password", "secret", "signature", "token"),
)
_POSITIONS = ("continuationtoken", "pagetoken")
"""Endings of names of page positions; the names look like those of secrets but are not."""
_USER = re.compile(r"(?<=://)[^/?#\s\"<>]+(?=@)")
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&;?#\s]+)=([^&#\s\"<>]+)")
_MEMBER = re.compile(r"""(["'])([\w.-]+)\1(\s*:\s*)(["'])((?:(?!\4)[^\\]|\\.)+)\4""")
_AFTER_URL = re.compile(r"[\"')\]},.:;]*$")
"""Punctuation of a sentence that may follow a URL."""
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def hide_value(secret: str) -> None:
    """Mask a secret, such as one from the environment, in all messages of this process."""
    if len(secret) >= MIN_HIDDEN:
        _hidden.update({secret, quote(secret, safe=""), quote_plus(secret)})


def is_secret_name(name: str) -> bool:
    """Whether a header, query parameter or JSON member of this name holds a secret."""
    return _is_secret(name) or "cookie" in name.lower()


def redact(text: str) -> str:
    """Replace the secrets of all URLs in a text with ``***``.

    Secrets are user and password (``https://user:password@host``) and the values of query
    parameters and JSON members with names such as ``api_key``, ``token`` or ``password``.
    """
    return replace_secrets(text, lambda _: MASK)


def secrets_in(text: str) -> list[str]:
    """The secrets that :func:`redact` would replace, in order."""
    found: list[str] = []

    def collect(secret: str) -> str:
        found.append(secret)
        return secret

    replace_secrets(text, collect)
    return found


def replace_secrets(text: str, change: Callable[[str], str]) -> str:
    """Replace each secret that :func:`redact` would replace by what ``change`` returns for it."""

    def of_parameter(match: re.Match[str]) -> str:
        name, value = match.groups()
        after = _AFTER_URL.search(value)
        end = after.start() if after else len(value)
        if not end or not _is_secret(unquote_plus(name)):
            return match[0]
        return f"{name}={change(value[:end])}{value[end:]}"

    def of_member(match: re.Match[str]) -> str:
        quote, name, colon, mark, value = match.groups()
        if not _is_secret(name):
            return match[0]
        return f"{quote}{name}{quote}{colon}{mark}{change(value)}{mark}"

    text = _USER.sub(lambda match: change(match[0]), text)
    return _MEMBER.sub(of_member, _PARAMETER.sub(of_parameter, text))


def escape_controls(text: str) -> str:
    r"""One printable line: spaces for line breaks, escapes (``\u001b``) for control characters."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", _BREAKS.sub(" ", text))


def printable(text: str) -> str:
    """The text as it may be shown: without secrets, on one line, without control characters."""
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return escape_controls(redact(text))


def excerpt(text: str, characters: int = MAX_EXCERPT) -> str:
    """A value as a message shows it: printable, and cut with ``…`` if it is long."""
    return printable(text if len(text) <= characters else text[:characters] + "…")


def _is_secret(name: str) -> bool:
    plain = re.sub("[^a-z0-9]", "", name.lower())
    return plain in _EXACT or (plain.endswith(_ENDINGS) and not plain.endswith(_POSITIONS))
