"""The words of a report, in each of its languages."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Literal

from markupsafe import Markup

Language = Literal["en", "ko"]


class Phrases:
    """Sentences by their keys, with values put in; what comes from outside is escaped."""

    def __init__(self, language: Language) -> None:
        self.language = language
        file = resources.files("pipeline.report.phrases") / f"{language}.json"
        self.texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def __repr__(self) -> str:
        return f"Phrases({self.language!r})"

    def __call__(self, key: str, **values: Any) -> Markup:
        """The phrase of a key.

        Raises:
            KeyError: There is none, or it lacks a value.
        """
        return Markup(self.texts[key]).format(**values)  # noqa: S704  (ours; values are escaped)

    def name(self, kind: str, name: str) -> str:
        """What one of a known few is called; anything else is called what it is."""
        return self.texts.get(f"{kind}_{name}", name)
