"""CSS selectors in the settings of a source, and the HTML that they select from."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

import soupsieve
from bs4 import BeautifulSoup, Tag

from pipeline.crawl.parse.html_text import visible_text
from pipeline.errors import SettingsError
from pipeline.reviews.review import storable

_SELECTOR = re.compile(r"(.*?)(?:@([\w:.-]+))?", re.DOTALL)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")


@dataclass(frozen=True)
class Selector:
    """Location of a value: ``selector``, ``selector@attribute`` or ``@attribute``.

    Attributes:
        css: Compiled selector, None for the item itself.
        attribute: Attribute to read, empty for the text.
    """

    css: soupsieve.SoupSieve | None
    attribute: str

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
        match = _SELECTOR.fullmatch(text)
        css, attribute = match.groups(default="") if match else (text, "")
        if attribute and not css.strip():
            return cls(None, attribute)
        return cls(compile_css(setting, css.replace(":scope", f":is({item})")), attribute)

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
