"""Detection of the character encoding of web pages."""

from __future__ import annotations

import codecs
import functools
import re

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip  # noqa: E501
_DECLARED = re.compile(
    rb"<(?:meta[^>]+?charset|\?xml[^>]+?encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_DECLARATION_BYTES = 4096
_CP949_NAMES = {"windows-949", "x-windows-949", "ks_c_5601-1989", "cseuckr", "iso-ir-149"}
"""Names of EUC-KR and CP949 that Python does not know. EUC-KR pages are in fact CP949."""
_UNRELIABLE = {"iso8859-1", "iso8859-15", "cp1252"}
"""Encodings that servers declare by default and that decode almost any bytes without errors."""
_NEVER_ON_PAGES = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"}
_DETECTED_BYTES = 65_536
_WIDE = ("utf-16", "utf-32")
_HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_NOT_ASCII = re.compile("[^\\x00-\\x7f]")
_PARTS = re.compile(rb"([<>\"\r\n])")
"""Bytes that separate texts; none is part of a character in UTF-8 or CP949."""
_KOREAN_SHARE = 0.8
_EUC_KR_FIRST = 0xA1
"""Smallest second byte of a character in EUC-KR; CP949 has rare syllables below it."""
_MAX_DAMAGE = 0.01
"""Largest share of replacement characters in a page that counts as damaged UTF-8 or CP949."""


def decode_page(body: bytes | bytearray, header_charset: str | None) -> str:
    """Decode a web page, see :func:`decode_with_name`."""
    return decode_with_name(body, header_charset)[0]


def decode_with_name(body: bytes | bytearray, header_charset: str | None) -> tuple[str, str]:
    """Decode a web page. Never raises; removes NUL characters.

    Korean pages often declare a wrong encoding. So the byte order mark is tried first, then UTF-8
    if the page decodes strictly and contains Hangul, then the declared encodings (HTTP header,
    meta tag or XML declaration), unless the page is Korean in CP949. If some parts of a page decode
    only in CP949, it is decoded part by part. If nothing decodes without errors, the result of a
    charset detector is used if more than 1 % of the characters would be replaced.

    Args:
        body: Bytes of the page.
        header_charset: Charset of the Content-Type header, None if it has none.

    Returns:
        The text, and Python's name of the encoding (of most of the page).
    """
    text, name = _decode(body, header_charset)
    return text.replace("\0", ""), name.removesuffix("-sig")


def _decode(body: bytes | bytearray, header_charset: str | None) -> tuple[str, str]:
    for bom, name in BOMS:
        if body.startswith(bom) and (text := _strict(body, name)) is not None:
            return text, name
    text = _strict(body, "utf-8")
    if text is not None and _HANGUL.search(text):
        return text, "utf-8"
    if text is None:
        damaged = body.decode("utf-8", errors="replace")
        if hangul := len(_HANGUL.findall(damaged)):
            main = "utf-8" if damaged.count("\ufffd") < hangul else "cp949"
            return _decode_parts(body, main), main
    cp949 = _strict(body, "cp949")
    if cp949 is not None and _is_korean(cp949):
        return cp949, "cp949"
    declared = _DECLARED.search(body[:_DECLARATION_BYTES])
    names = [_codec(header_charset), _codec(declared[1].decode("ascii")) if declared else None]
    if b"\0" not in body:  # UTF-16 has NUL bytes in all markup and spaces
        names = [name for name in names if not (name or "").startswith(_WIDE)]
    reliable = [name for name in names if name not in _UNRELIABLE]
    for declared_name in [*reliable, "utf-8", "cp949", *names]:
        if declared_name and (text := _strict(body, declared_name)) is not None:
            return text, declared_name
    return _decode_damaged(body)


def _codec(name: str | None) -> str | None:
    """Python's name of a declared encoding, None if unknown or not used on web pages."""
    if not name:
        return None
    if name.lower() in _CP949_NAMES:
        return "cp949"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return {"euc_kr": "cp949"}.get(found, None if found in _NEVER_ON_PAGES else found)


def _strict(body: bytes | bytearray, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError):
        return None


def _is_korean(text: str) -> bool:
    """Whether nearly all non-ASCII letters are common Hangul.

    Bytes of another encoding, decoded as CP949, give rare syllables and Chinese characters.
    """
    letters = [one for one in _NOT_ASCII.findall(text[:_DETECTED_BYTES]) if one.isalpha()]
    common = sum(map(_is_common, letters))
    return common > 0 and common >= _KOREAN_SHARE * len(letters)


@functools.cache
def _is_common(letter: str) -> bool:
    """Whether a letter is one of the Hangul syllables and jamo that EUC-KR has."""
    return _HANGUL.match(letter) is not None and letter.encode("cp949")[1] >= _EUC_KR_FIRST


def _decode_parts(body: bytes | bytearray, main: str) -> str:
    """Decode each part between tags, quotes and line breaks separately, by default as ``main``."""
    parts = []
    for part in _PARTS.split(body):
        text = _strict(part, "utf-8")
        if text is None:
            text = _strict(part, "cp949")
            if text is None or not _is_korean(text):
                text = part.decode(main, errors="replace")
        parts.append(text)
    return "".join(parts)


def _decode_damaged(body: bytes | bytearray) -> tuple[str, str]:
    """Decode as UTF-8 or CP949 with replacement characters, or as detected if both are bad."""
    texts = [(body.decode(name, errors="replace"), name) for name in ("utf-8", "cp949")]
    best = min(texts, key=lambda found: found[0].count("\ufffd"))
    if best[0].count("\ufffd") > _MAX_DAMAGE * len(best[0]):
        import charset_normalizer

        found = charset_normalizer.from_bytes(bytes(body[:_DETECTED_BYTES])).best()
        name = _codec(found.encoding) if found else None
        if name and (text := _strict(body, name)) is not None:
            return text, name
    return best
