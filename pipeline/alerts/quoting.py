"""What reviewers wrote, as a message may carry it."""

from __future__ import annotations

import re

from pipeline.prepare.clean import normalize

LONGEST = 100
"""Characters of a quote, without the marks of what was cut."""
NEAR = 20
"""Characters within which a piece is cut at a space instead."""
CUT = "…"
NO_LINK = "[…]"
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:/+|www\.)\S+"  # with a scheme
    r"|(?:mailto|tel|javascript|data):\S+"
    r"|[^\s@<>()\[\]|]+@[^\s@<>()\[\]|]+\.[^\s@<>()\[\]|]+"  # an address for mail
    r"|(?:[\w-]+\.)+[a-z]{2,}(?![\w-])(?::\d+)?(?:/\S*)?",  # a name that services link
    re.IGNORECASE | re.ASCII,
)
_LITERAL = str.maketrans("@<>*_~`[]|#\\", "＠‹›∗＿〜´［］｜＃＼")


def normal(text: str) -> str:
    """The text in normal Unicode, on one line with single spaces."""
    return " ".join(normalize(text).split())


def quote(text: str, begin: int = 0, end: int = 0) -> str:
    """A text without links, mentions and markup of any chat service, or a piece of a long one.

    Links become ``[…]``, characters that mark something look-alikes: a webhook may hand the text
    on to a service that formats it.

    Args:
        text: A text, name or word.
        begin: Where the part begins that a piece must show, in the normal text.
        end: Where it ends.
    """
    text = normal(text)
    first = max(0, min(begin - (LONGEST - (end - begin)) // 2, len(text) - LONGEST))
    last = min(len(text), first + LONGEST)
    if first > 0:
        first = text.find(" ", first, min(begin, first + NEAR)) + 1 or first
    if last < len(text):
        space = text.rfind(" ", max(end, last - NEAR), last)
        last = space if space > 0 else last
    left, right = CUT if first > 0 else "", CUT if last < len(text) else ""
    return f"{left}{_inert(text[first:last])}{right}"


def _inert(text: str) -> str:
    return NO_LINK.join(part.translate(_LITERAL) for part in _URL.split(text))
