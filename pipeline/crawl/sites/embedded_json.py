"""JSON that an HTML page contains: in a script, or in an attribute of an element."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline.bounded_json import load_first_json
from pipeline.crawl.parse.json_path import EXCERPT_CHARACTERS, MISSING, look_up
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.list_end import doubt_of
from pipeline.crawl.sites.selectors import Selector, parse_html
from pipeline.errors import SettingsError, SourceError

_BEFORE_JSON = re.compile(r"[^=]*=\s*(?=[{\[])")
"""The beginning of an assignment, such as ``window.__DATA__ = ``."""


class EmbeddedJson:
    """Finds the JSON of a page at ``source.script``.

    Args:
        script: The selector.
        items: Path of the list of reviews in the JSON.
        texts: Paths of the text in a review.

    Raises:
        SettingsError: The selector is invalid, or selects no element.
    """

    def __init__(self, script: str, items: str, texts: Sequence[str]) -> None:
        self._script, self._items, self._texts = script, items, texts
        self._selector = Selector.parse("script", script)
        if self._selector.css is None:
            raise SettingsError(f"source.script {script!r} needs the selector of an element")
        self._css = self._selector.css

    def find(self, request: Request, page: Page) -> Any:
        """The JSON of the first element that has reviews, or of the only element.

        Returns:
            The JSON; ``MISSING`` if a page after the first one has no such element.

        Raises:
            SourceError: The first page has no such element, or no element has JSON.
        """
        answers = self._answers(page)
        with_reviews = [one for one in answers if self._has_reviews(one)]
        if with_reviews or len(answers) == 1 or (answers and not request.trail.pages):
            return [*with_reviews, *answers][0]
        if not request.trail.pages:
            raise SourceError(f"{self._nothing(page)}: check source.script")
        return MISSING

    def doubt(self, request: Request, page: Page) -> str:
        """Why the list may go on after a page without the element; empty if it ends here.

        Raises:
            SourceError: The list goes on.
        """
        return doubt_of(
            request.trail,
            self._nothing(page),
            parameters=request.parameters,
            is_linked=request.is_linked,
        )

    def _nothing(self, page: Page) -> str:
        return f"{page.url}: no element matches {self._script!r}"

    def _answers(self, page: Page) -> list[Any]:
        """The JSON of each element that has any.

        Raises:
            SourceError: There are elements, but none has JSON.
        """
        sources = map(self._selector.read_source, self._css.select(parse_html(page.text)))
        written = [source for source in sources if source is not None]
        answers = []
        for source in written:
            try:
                answers.append(parse_script(source))
            except ValueError:
                continue
        if written and not answers:
            excerpt = written[0].strip()[:EXCERPT_CHARACTERS]
            raise SourceError(
                f"{page.url}: expected JSON at {self._script!r}, got {excerpt!r}: "
                "check source.script"
            )
        return answers

    def _has_reviews(self, answer: Any) -> bool:
        value = look_up(answer, self._items)
        if isinstance(value, dict):
            return any(look_up(value, one) is not MISSING for one in self._texts)
        return isinstance(value, list)


def parse_script(source: str) -> Any:
    """The JSON of a script, which may be assigned to a variable.

    Raises:
        ValueError: It is neither JSON nor such an assignment.
    """
    source = source.strip()
    if not source.startswith(("{", "[")):
        source = _BEFORE_JSON.sub("", source, count=1)
    return load_first_json(source)
