"""Text normalisation before tokenization. Never drops a syllable."""

from __future__ import annotations

import re
import unicodedata

from pipeline.settings import CleanSettings

_INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f"
                        "\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]")  # fmt: skip
_HALF_WIDTH_JAMO = re.compile("[\uffa0-\uffdc]+")
_SPACE = re.compile(r"\s+")


def clean(text: str, settings: CleanSettings) -> str:
    """Normalise one text: NFC, full-width jamo, no invisible characters, no long repeats.

    Runs of one letter, mark or emoji are cut to ``max_repeat``, those of Hangul syllables and
    digits are kept, because they may carry meaning (하하하하, 100000).
    """
    text = _HALF_WIDTH_JAMO.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    limit = settings.max_repeat
    text = re.sub(rf"([^\s\d가-힣])\1{{{limit},}}", lambda run: run[1] * limit, text)
    return _SPACE.sub(" ", text).strip()
