"""Visible text of HTML elements."""

from __future__ import annotations

import re
from collections.abc import Set

from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag

_BLOCKS = re.compile(
    "address|article|aside|blockquote|d[dlt]|details|div|fieldset|figcaption|figure|footer|form|"
    "h[1-6r]|header|li|main|nav|ol|option|p|pre|section|summary|table|tbody|t[dhr]|tfoot|thead|ul"
)
_LEFT_OUT = frozenset({"button", "head", "noscript", "script", "style", "template"})
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


def visible_text(tag: Tag, *, apart: Set[int] = frozenset()) -> str:
    """Text of an element as rendered: ``<br>`` and block elements break lines.

    Omits scripts, styles, comments, hidden descendants and buttons ("더보기"). Collapses runs of
    white space to one space and runs of empty lines to one.

    Args:
        tag: The element; may itself be hidden. Any nesting depth is supported.
        apart: ``id()`` of descendants to omit.
    """
    lines: list[str] = []
    line: list[str] = []

    def end_line(*, even_if_empty: bool) -> None:
        words = " ".join("".join(line).split())
        line.clear()
        if words or (even_if_empty and lines and lines[-1]):
            lines.append(words)

    todo: list[PageElement | None] = list(reversed(tag.contents))
    while todo:
        node = todo.pop()
        if isinstance(node, NavigableString):
            if isinstance(node, CData) or not isinstance(node, PreformattedString):
                line.append(node)
        elif not isinstance(node, Tag):
            end_line(even_if_empty=False)
        elif node.name == "br":
            end_line(even_if_empty=True)
            todo += reversed(node.contents)
        elif not _is_hidden(node) and id(node) not in apart:
            if _BLOCKS.fullmatch(node.name):
                end_line(even_if_empty=False)
                todo.append(None)
            todo += reversed(node.contents)
    end_line(even_if_empty=False)
    return "\n".join(lines).strip()


def _is_hidden(tag: Tag) -> bool:
    if tag.name in _LEFT_OUT:
        return True
    attributes = tag.attrs
    return bool(attributes) and (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _HIDING_STYLE.search(str(attributes.get("style", ""))) is not None
    )
