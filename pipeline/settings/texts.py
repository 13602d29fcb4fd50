"""Where a source has texts, one or several that are joined, and the ratings of aspects."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _named(text: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if not isinstance(text, str) and not (text and all(text)):
        raise ValueError("a name is empty or missing: write a name, or a list of names")
    return text


Texts = Annotated[str | tuple[str, ...], AfterValidator(_named)]
"""One place of the text, or several that are joined."""


def _located(ratings: dict[str, str]) -> dict[str, str]:
    if not all(ratings) or not all(ratings.values()):
        raise ValueError("an aspect or its place is empty")
    return ratings


AspectRatings = Annotated[dict[str, str], AfterValidator(_located)]
"""The place of the rating of each aspect."""


def places(text: str | tuple[str, ...]) -> tuple[str, ...]:
    """The places of a text."""
    return (text,) if isinstance(text, str) else text


def check_texts(text: str | tuple[str, ...], *sides: str) -> None:
    """Check that a source names its text, or a side of it.

    Raises:
        ValueError: It names neither.
    """
    if not (text or any(sides)):
        raise ValueError("set text, or pros and cons")


def join(parts: list[str]) -> str:
    """The non-empty parts of a text, each on a separate line."""
    return "\n".join(part.strip() for part in parts if part.strip())
