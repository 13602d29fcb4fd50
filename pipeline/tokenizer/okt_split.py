"""Splits many texts, with NumPy, into the words that Okt tags one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.arrays import ranges

MIN_TEXTS = 50
"""Fewer texts than this are split one by one, which is faster."""
_UNSEEN, _SPACE, _HANGUL, _WHOLE, _OTHER = range(5)
"""Kinds of characters. A ``_WHOLE`` character keeps together all characters between two spaces."""
_KINDS = (
    (_SPACE, re.compile(r"\s")),
    (_HANGUL, re.compile("[가-힣]")),
    (_WHOLE, re.compile(r"[^\Wㄱ-ㅣ]|[@#]")),
)
_CODES = 0x110000

Kinds = npt.NDArray[np.uint8]


class OktSplitter:
    """Finds the words that :data:`pipeline.tokenizer.okt.WORD` finds. Threads may share it."""

    def __init__(self) -> None:
        self._kinds: Kinds = np.zeros(_CODES, np.uint8)

    def split(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
        """The words of all texts, text after text, and the number of words of each text."""
        joined = "\n".join(texts)
        kinds = self._kinds_of(joined)
        spaced = np.flatnonzero(np.diff(kinds != _SPACE))  # begin and end of each run of non-spaces
        begins, ends = spaced[::2], spaced[1::2]
        within = np.searchsorted(begins, np.flatnonzero(kinds == _WHOLE), "right") - 1
        whole = within[np.diff(within, prepend=-1) > 0]
        kinds[ranges(begins[whole], ends[whole] - begins[whole]) + 1] = _WHOLE
        edges = np.flatnonzero(np.diff(kinds))
        is_word = kinds[edges[:-1] + 1] != _SPACE
        begins, ends = edges[:-1][is_word], edges[1:][is_word]
        words = [
            joined[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        ends_of_texts = np.cumsum(np.array([len(text) + 1 for text in texts], np.int64))
        counts = np.diff(np.searchsorted(begins, ends_of_texts), prepend=0)
        return words, counts

    def _kinds_of(self, text: str) -> Kinds:
        """The kind of each character, with a space added before and after the text."""
        codes = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), "<u4")
        kinds: Kinds = self._kinds[codes]
        if not kinds.all():
            for code in set(codes[kinds == _UNSEEN].tolist()):
                self._kinds[code] = _kind(chr(code))
            kinds = self._kinds[codes]
        return kinds


def _kind(character: str) -> int:
    return next((kind for kind, found in _KINDS if found.match(character)), _OTHER)
