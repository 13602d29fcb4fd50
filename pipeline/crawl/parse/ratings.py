"""Parser for ratings."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import NamedTuple

from pipeline.reviews.review import SCALES

DECIMALS = 3
MAX_CHARACTERS = 200
"""A longer text is not a rating, unless a pattern is given."""

_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_FILLED_STAR, _HALF_STAR = re.compile("[★⭐]"), re.compile("½")
_DIGIT = re.compile(r"\d", re.ASCII)
_NUMBER = (
    r"(?:(?<!\S)[+-])?(?<![\d.,])(?:\d+(?:\.\d+)?|\d+,\d\d?|\.\d+|\b(?:"
    + "|".join(_ENGLISH)
    + r")\b)(?![.,]?\d)"
)
"""A number; a comma before one or two digits is a decimal comma (``4,5``)."""
_UNIT = r"\s*(?:점|개|별|stars?|points?)?\s*"
_FLAGS = re.ASCII | re.I
_NUMBERS = re.compile(_NUMBER, _FLAGS)
_OUT_OF = re.compile(
    rf"(?P<of_perfect>{_NUMBER}){_UNIT}만점(?:\s*(?:중|에서|에))?"  # 5점 만점에 4점
    rf"|(?P<among>{_NUMBER}){_UNIT}중(?:에서?)?(?![가-힣])"  # 5점 중 4점
    rf"|(?:/|(?<![a-z])(?:out\s+)?of(?![a-z]))\s*(?:a\s+possible\s+)?(?P<after>{_NUMBER})",
    _FLAGS,
)
"""The highest possible rating, as a text states it."""
_PAIRS = (
    re.compile(rf"(?P<number>{_NUMBER}){_UNIT}out\s+of\s+(?P<out_of>{_NUMBER})", _FLAGS),
    re.compile(rf"(?P<out_of>{_NUMBER}){_UNIT}만점에\s*(?P<number>{_NUMBER})", _FLAGS),
)
"""Ratings that stay unambiguous beside other numbers, such as the number of reviews."""


class Rating(NamedTuple):
    """A rating and the highest possible one.

    Attributes:
        number: The rating.
        out_of: Highest possible rating, None if the text does not state it.
    """

    number: float
    out_of: float | None = None


def parse_rating(
    text: str, pattern: re.Pattern[str] | None = None, factor: float = 1.0
) -> Rating | None:
    """Parse a rating and the highest possible one.

    Without a pattern the text must have a single number (``4.5점``), or a number and the highest
    possible rating (``8/10``, ``4 out of 5``, ``5점 만점에 4점``), which is one of ``SCALES``; or
    filled stars (``★★★★☆``).

    Args:
        text: The text.
        pattern: Regular expression for the number; its first group if it has one.
        factor: Factor that converts the number to the rating scale.

    Returns:
        The rating, None if there is none or the text does not tell which number it is.
    """
    if pattern is None:
        found = _read(text)
    elif match := pattern.search(text):
        found = _converted(match[1] if pattern.groups else match[0])
    else:
        found = _stars(text)
    if found is None or (number := rounded(found.number * factor)) is None:
        return None
    return Rating(number, found.out_of if factor == 1 else None)


def rounded(number: float) -> float | None:
    """The number rounded to three decimals, None if it is not finite."""
    return round(number, DECIMALS) if math.isfinite(number) else None


def _read(text: str) -> Rating | None:
    if len(text) > MAX_CHARACTERS:
        return None
    plain = unicodedata.normalize("NFKC", text.replace("½", "")).strip()
    pairs = [match.group("number", "out_of") for one in _PAIRS for match in one.finditer(plain)]
    if pairs:
        numbers, scales = ({_value(one) for one in side} for side in zip(*pairs, strict=True))
    else:
        scales = {_value(match[match.lastgroup or 0]) for match in _OUT_OF.finditer(plain)}
        rest = _OUT_OF.sub(" ", plain)
        numbers = {_value(match[0]) for match in _NUMBERS.finditer(rest)}
        if _DIGIT.search(_NUMBERS.sub(" ", rest)):
            return None
    if not numbers and not scales:
        return _stars(text)
    if len(numbers) != 1 or len(scales) > 1:
        return None
    (number,) = numbers
    if not scales:
        return Rating(number)
    (out_of,) = scales
    return Rating(number, out_of) if number <= out_of and out_of in SCALES else None


def _stars(text: str) -> Rating | None:
    filled = len(_FILLED_STAR.findall(text)) + len(_HALF_STAR.findall(text)) / 2
    return Rating(filled) if filled else None


def _value(number: str) -> float:
    word = number.lower()
    return 1.0 + _ENGLISH.index(word) if word in _ENGLISH else float(number.replace(",", "."))


def _converted(number: str | None) -> Rating | None:
    try:
        return Rating(float((number or "").replace(",", ".")))
    except ValueError:
        return None
