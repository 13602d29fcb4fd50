"""CSS selectors in the settings of a source, and the HTML that they select from."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

import soupsieve
from bs4 import BeautifulSoup, Tag

from pipeline.crawl.parse.html_text import visible_text
from pipeline.errors import SettingsError
from pipeline.reviews.review import storable
from pipeline.settings.texts import join

_SELECTOR = re.compile(r"(.*?)(?:@([\w:.-]+))?", re.DOTALL)
_COUNT = re.compile(r"\s*count\((.*)\)\s*", re.DOTALL)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")


@dataclass(frozen=True)
class Selector:
    """Location of a value: ``selector``, ``selector@attribute`` or ``@attribute``.

    ``count(selector)`` is the number of matching elements, such as the filled ones of five stars.

    Attributes:
        css: Compiled selector, None for the item itself.
        attribute: Attribute to read, empty for the text.
        counts: Whether the value is the number of elements.
    """

    css: soupsieve.SoupSieve | None
    attribute: str
    counts: bool = False

    @classmethod
    def parse(cls, setting: str, text: str, item: str = ":root") -> Selector:
        """Parse a selector from the settings.

        Args:
            setting: Name of the setting below ``source``, for the error message.
            text: The selector.
            item: Selector of the item, which ``:scope`` means.

        Raises:
            SettingsError: It is not a valid CSS selector.
        """
        if counted := _COUNT.fullmatch(text):
            css = counted[1].replace(":scope", f":is({item})")
            return cls(compile_css(setting, css), "", counts=True)
        match = _SELECTOR.fullmatch(text)
        css, attribute = match.groups(default="") if match else (text, "")
        if attribute and not css.strip():
            return cls(None, attribute)
        return cls(compile_css(setting, css.replace(":scope", f":is({item})")), attribute)

    def value(self, tags: Sequence[Tag], apart: Set[int], *, is_text: bool) -> str | None:
        """The value of an item; None without it.

        Args:
            tags: The elements of the item that match, in the order of the page.
            apart: ``id()`` of descendants to omit.
            is_text: Whether the elements may be paragraphs of one text; otherwise the first counts.
        """
        if self.counts:
            return str(len(tags))
        if not is_text or self.attribute:
            return self.read(tags[0], apart)
        paragraphs = [tag for tag in tags if _paragraph(tag) == _paragraph(tags[0])]
        return join([visible_text(tag, apart=apart) for tag in paragraphs])

    def read(self, tag: Tag, apart: Set[int] = frozenset()) -> str | None:
        """The attribute, or the visible text without the descendants ``apart``; None without it."""
        return self._attribute(tag) if self.attribute else visible_text(tag, apart=apart)

    def read_source(self, tag: Tag) -> str | None:
        """The attribute, or the text as it is in the source, such as a script; None without it."""
        return self._attribute(tag) if self.attribute else tag.get_text()

    def _attribute(self, tag: Tag) -> str | None:
        value = tag.get(self.attribute)
        if value is None:
            return None
        return (value if isinstance(value, str) else " ".join(value)).strip()


def _paragraph(tag: Tag) -> tuple[int, str, str]:
    """What the paragraphs of a text have in common: their parent, name and classes."""
    return id(tag.parent), tag.name, str(tag.get("class") or "")


def compile_css(setting: str, css: str) -> soupsieve.SoupSieve:
    """Compile a CSS selector from the settings.

    Raises:
        SettingsError: It is invalid.
    """
    try:
        return soupsieve.compile(css)
    except soupsieve.SelectorSyntaxError as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(
            f"source.{setting} {css!r} is not a valid CSS selector: {reason}"
        ) from error


def parse_html(text: str) -> BeautifulSoup:
    """Parse a page."""
    return BeautifulSoup(_XML_DECLARATION.sub("", storable(text), count=1) + "\n", "lxml")
