"""Cleans many texts; finds texts that are already clean with NumPy and skips them."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Bools
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings

MIN_TEXTS = 50
"""Fewer texts than this are cleaned one by one, which is faster."""
_HANGUL, _LAST_HANGUL = 0xAC00, 0xD7A3
_JAMO, _LAST_JAMO = 0x3131, 0x3163
_MARKUP = "&</wW"
"""Each tag, entity and URL contains one of these characters."""
_CODES = 0x10000
_SPACE = ord(" ")


def clean_all(texts: Sequence[str], settings: CleanSettings) -> list[str]:
    """The result of :func:`pipeline.prepare.clean.clean` for each text."""
    if len(texts) < MIN_TEXTS:
        return [clean(text, settings) for text in texts]
    cleaned = list(texts)
    for index in np.flatnonzero(~_are_clean(texts, settings)).tolist():
        cleaned[index] = clean(texts[index], settings)
    return cleaned


def _are_clean(texts: Sequence[str], settings: CleanSettings) -> Bools:
    """Whether each text is certain to stay unchanged by cleaning, shape (texts,).

    Such a text has only syllables, jamo, ASCII characters that cannot be part of markup, single
    spaces, and no run that is too long.
    """
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.minimum(np.frombuffer(joined, "<u4"), _CODES - 1)
    ends = np.cumsum([len(text) for text in texts])
    begins = np.concatenate([[0], ends[:-1]])
    usual, repeatable = _kinds(settings)
    is_usual = usual[codes]
    is_same = codes[1:] == codes[:-1]
    is_run = is_same & repeatable[codes[1:]]
    for _ in range(settings.max_repeat - 1):
        if not is_run.any():
            break
        is_run = is_run[1:] & is_same[: len(is_run) - 1]
    is_usual[: len(is_run)] &= ~is_run
    is_space = codes == _SPACE
    is_usual[:-1] &= ~(is_space[1:] & is_space[:-1])
    unusual = np.concatenate([[0], np.cumsum(~is_usual)])
    has_text = begins < ends
    result = unusual[begins] == unusual[ends]
    result[has_text] &= ~(is_space[begins[has_text]] | is_space[ends[has_text] - 1])
    return np.asarray(result)


def _kinds(settings: CleanSettings) -> tuple[Bools, Bools]:
    """For each code point: whether a clean text may have it, and whether its runs are truncated."""
    usual: npt.NDArray[np.bool_] = np.zeros(_CODES, np.bool_)
    usual[[ord(one) for one in string.printable if not one.isspace() and one not in _MARKUP]] = True
    usual[_JAMO : _LAST_JAMO + 1] = True
    repeatable = usual.copy()
    repeatable[[ord(digit) for digit in string.digits]] = False
    usual[[ord(digit) for digit in string.digits]] = settings.digits == "keep"
    usual[_HANGUL : _LAST_HANGUL + 1] = True
    usual[_SPACE] = True
    return usual, repeatable
