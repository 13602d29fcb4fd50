"""HTML tags and entities in texts that should be plain, as APIs and exports have them."""

from __future__ import annotations

import html
import re
from html.entities import html5

_BREAKING = "blockquote|br|center|div|h[1-6]|hr|li|ol|p|pre|table|tbody|td|th|thead|tr|ul"
_INLINE = "a|b|em|font|i|iframe|img|s|script|small|span|strong|style|sub|sup|u"
_ATTRIBUTE = r"""(?a:\s++[\w:-]++\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>]++))"""
TAG = rf"</?+(?ai:{_BREAKING}|{_INLINE}){_ATTRIBUTE}*+\s*+/?+>"
ENTITY = r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"
"""An entity, maybe escaped several times; its group is the name."""
_MARKUP = re.compile(f"{TAG}|{ENTITY}")
_BREAK = re.compile(rf"</?(?ai:{_BREAKING})\b")
_SYLLABLE = re.compile("[가-힣]")
MOST_ESCAPES = 3


def decode(name: str) -> str:
    """The character of an entity's name, such as ``amp`` or ``#44032``; else the entity itself."""
    entity = f"&{name};"
    return html.unescape(entity) if name[0] == "#" else html5.get(f"{name};", entity)


def readable(text: str) -> str:
    """The text with entities decoded and without tags; ``<br>`` and block elements break lines.

    Tags with Hangul are kept, since they may be words of the review.
    """
    for _ in range(MOST_ESCAPES):
        if "<" not in text and "&" not in text:
            break
        bare = _MARKUP.sub(_content, text)
        if bare == text:
            break
        text = "\n".join(line.strip() for line in bare.split("\n")).strip()
    return text


def _content(markup: re.Match[str]) -> str:
    if markup[1] is not None:
        return decode(markup[1])
    if _SYLLABLE.search(markup[0]):
        return markup[0]
    return "\n" if _BREAK.match(markup[0]) else ""
