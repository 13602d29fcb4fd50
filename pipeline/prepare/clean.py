"""Text normalization before tokenization. Keeps every Hangul syllable."""

from __future__ import annotations

import re
import unicodedata

from pipeline.reviews.markup import ENTITY, TAG, decode
from pipeline.settings import CleanSettings


def _compatibility_jamo(jamo: str) -> str:
    """The compatibility jamo that keyboards produce (U+3131 for ㄱ); else ``jamo`` itself."""
    name = unicodedata.name(jamo, "").rpartition(" ")[2]
    try:
        return unicodedata.lookup(f"HANGUL LETTER {name}")
    except KeyError:
        return jamo


_JOINER = "\u200d"  # zero-width joiner, as in 👨‍👩‍👧
_BLANK_LETTERS = "\u2800\u3164\uffa0"
_JAMO = map(chr, (*range(0x1100, 0x115F), *range(0x1161, 0x1200), *range(0xFFA1, 0xFFDD)))
_FULL_WIDTH = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_REPLACED = {
    _JOINER: _JOINER,
    **dict.fromkeys(_BLANK_LETTERS, " "),
    **{jamo: _compatibility_jamo(jamo) for jamo in _JAMO},
    **{chr(code): chr(code - 0xFEE0) for code in _FULL_WIDTH},
}
_DROPPED = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U0001f3fb-\U0001f3ff"  # skin tones
    + "".join(chr(plane << 16 | code) for plane in range(1, 17) for code in (0xFFFE, 0xFFFF))
)
_UNUSUAL = re.compile(f"[{_DROPPED}{''.join(_REPLACED)}]")

_PICTURE = (
    "[\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_FLAG_LETTER = "\U0001f1e6-\U0001f1ff"
_STRAY_JOINER = re.compile(f"{_JOINER}(?!{_PICTURE})|(?<!{_PICTURE}){_JOINER}")
_EMOJI = re.compile(f"{_PICTURE}(?:{_JOINER}{_PICTURE})*+|[{_FLAG_LETTER}]{{1,2}}|[0-9#*]\u20e3")
_EMOJI_RUN = re.compile(rf"(?<!\S)({_EMOJI.pattern})(?: \1)+(?!\S)")

_URL = (
    r"(?:[hH][tT]{2}[pP][sS]?://|[wW]{3}\.(?=[a-zA-Z0-9]))"
    r"[!#-;=?-\[\]_a-z~]*[#%&/-9=@-Z_a-z~]"
)
_MARKUP = {"keep": re.compile(f"{TAG}|{ENTITY}"), "drop": re.compile(f"{TAG}|{ENTITY}|{_URL}")}
_MARKUP_DEPTH = 3
_SYLLABLES = re.compile("[가-힣]+")

_REPEATABLE = rf"([^\s\d가-힣{_FLAG_LETTER}])\1+"
_RUN = {"keep": re.compile(f"{_URL}|{_REPEATABLE}"), "drop": re.compile(_REPEATABLE)}
_DIGIT = re.compile(r"\d")


def clean(text: str, settings: CleanSettings) -> str:
    """Normalize one text. Idempotent: cleaning a clean text returns it unchanged.

    * Unicode: composes to NFC, maps conjoining and half-width jamo to compatibility jamo and
      full-width letters and digits to ASCII, removes invisible characters.
    * HTML: decodes entities; of each tag, keeps only the Hangul syllables in it, between spaces.
    * URLs: replaced like tags unless ``settings.urls`` is ``keep``.
    * Repeats: truncates a run of one letter, punctuation mark, jamo or emoji to ``max_repeat``.
      Runs of syllables and digits stay, since they may carry meaning (하하하하, 100000).
    * Emoji and white space: separates emoji by spaces, collapses white space to one space.
    """
    text = _tidy(_without_markup(normalize(text), settings), settings)
    for _ in range(_MARKUP_DEPTH):
        bare = _without_markup(text, settings)
        if bare == text:
            return text
        text = _tidy(bare, settings)
    # For markup nested deeper than _MARKUP_DEPTH: without & and < no further markup can form.
    text = re.sub("[&<]", " ", text)
    return _tidy(_without_markup(text, settings), settings)


def normalize(text: str) -> str:
    """Only the Unicode normalization of :func:`clean`."""
    text = unicodedata.normalize("NFC", text)
    if not _UNUSUAL.search(text):
        return text
    text = _STRAY_JOINER.sub("", _UNUSUAL.sub(_replacement, text))
    return unicodedata.normalize("NFC", text)


def _replacement(character: re.Match[str]) -> str:
    return _REPLACED.get(character[0], "")


def _without_markup(text: str, settings: CleanSettings) -> str:
    if not _may_hold_markup(text):
        return text
    bare = _MARKUP[settings.urls].sub(_markup_content, text)
    return text if bare == text else normalize(bare)


def _may_hold_markup(text: str) -> bool:
    """False if a text holds no tag, entity or URL; much faster than the patterns."""
    return "<" in text or "&" in text or "://" in text or "ww." in text.lower()


def _markup_content(markup: re.Match[str]) -> str:
    """Decode an entity; reduce a tag or URL to its syllables, between spaces."""
    name = markup[1]
    if name is None:
        return f" {' '.join(_SYLLABLES.findall(markup[0]))} "
    return _UNUSUAL.sub(_replacement, decode(name))


def _tidy(text: str, settings: CleanSettings) -> str:
    """Replace digits if set, separate emoji, collapse white space, truncate repeats."""
    limit = settings.max_repeat
    if settings.digits == "zero":
        text = _DIGIT.sub("0", text)
    if _EMOJI.search(text):
        text = " ".join(_EMOJI.sub(r" \g<0> ", text).split())
        text = _EMOJI_RUN.sub(lambda run: " ".join(run[0].split(" ")[:limit]), text)
    text = " ".join(text.split())
    return _RUN[settings.urls].sub(lambda run: run[0][:limit] if run[1] else run[0], text)
