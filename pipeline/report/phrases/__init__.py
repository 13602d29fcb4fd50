"""The texts of a report in each language."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Literal

from markupsafe import Markup

Language = Literal["en", "ko"]


class Phrases:
    """Texts by key, formatted with HTML-escaped values."""

    def __init__(self, language: Language) -> None:
        self.language = language
        file = resources.files("pipeline.report.phrases") / f"{language}.json"
        self.texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def __repr__(self) -> str:
        return f"Phrases({self.language!r})"

    def __call__(self, key: str, **values: Any) -> Markup:
        """The text of a key, with its values filled in.

        Raises:
            KeyError: The key is unknown, or a value is missing.
        """
        return Markup(self.texts[key]).format(**values)  # noqa: S704  (values are escaped)

    def plain(self, key: str, **values: Any) -> str:
        """The same as plain text, for a key without markup."""
        return self.texts[key].format(**values)

    def name(self, kind: str, name: str) -> str:
        """The translated name; the name itself if there is no translation."""
        return self.texts.get(f"{kind}_{name}", name)
