"""The setting ``source.values``: what the values of a label or rating mean."""

from __future__ import annotations

from math import isfinite
from typing import Annotated

from pydantic import AfterValidator

SENTIMENTS = ("negative", "neutral", "positive")
SKIP = ""
"""Skips the rows of a value."""


def _meanings(values: dict[str, float | str]) -> dict[str, float | str]:
    for value, meaning in values.items():
        is_known = meaning in (*SENTIMENTS, SKIP) if isinstance(meaning, str) else isfinite(meaning)
        if not is_known:
            raise ValueError(
                f'"{value}" = "{meaning}": choose "negative", "neutral", "positive", '
                '"" to skip the rows, or a number for a rating'
            )
    return values


Values = Annotated[dict[str, float | str], AfterValidator(_meanings)]
"""Value in the source -> sentiment, ``SKIP``, or number of a rating."""
