"""Makes review texts safe to quote in a message."""

from __future__ import annotations

import re

from pipeline.prepare.clean import normalize
from pipeline.reviews.markup import readable

LONGEST = 100
"""Maximum number of characters of a quote, without the marks where it was cut."""
NEAR = 20
"""A piece is cut at a space if there is one within this number of characters of the cut."""
CUT = "…"
NO_LINK = "[…]"
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:/+|www\.)\S+"  # with a scheme
    r"|(?:mailto|tel|javascript|data):\S+"
    r"|[^\s@<>()\[\]|]+@[^\s@<>()\[\]|]+\.[^\s@<>()\[\]|]+"  # an email address
    r"|(?:[\w-]+\.)+[a-z]{2,}(?![\w-])(?::\d+)?(?:/\S*)?",  # a domain name, linked by chat services
    re.IGNORECASE | re.ASCII,
)
_LITERAL = str.maketrans("@<>*_~`[]|#\\", "＠‹›∗＿〜´［］｜＃＼")


def normal(text: str) -> str:
    """The text in normalized Unicode, without HTML, on one line with single spaces."""
    return " ".join(normalize(readable(text)).split())


def quote(text: str, begin: int = 0, end: int = 0) -> str:
    """A text, or a piece of a long text, without links, mentions and markup of chat services.

    Links become ``[…]``, and characters used for markup are replaced by look-alikes, because a
    webhook may pass the text on to a service that formats it.

    Args:
        text: A text, name or word.
        begin: Begin of the part that must be shown, as index into the result of :func:`normal`.
        end: End of this part.
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
