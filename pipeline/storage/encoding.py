"""Detection of the character encoding of web pages and text files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

import charset_normalizer

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip  # noqa: E501
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
_MAX_DAMAGE = 0.01
"""Largest share of replacement characters in a page that counts as damaged UTF-8 or CP949."""


def encoding_of(chunks: Iterable[bytes]) -> str | None:
    """Detect the encoding of a text file.

    Args:
        chunks: Content of the file in order; consumed.

    Returns:
        The encoding of the byte order mark if there is one, else ``utf-8`` or ``cp949`` if the
        whole file decodes without errors, else None.
    """
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp949")}
    first = True
    for chunk in chunks:
        if first:
            first = False
            for bom, name in _BOMS:
                if chunk.startswith(bom):
                    return name
        for name in list(decoders):
            try:
                decoders[name].decode(chunk)
            except UnicodeDecodeError:
                del decoders[name]
    for name in list(decoders):
        try:
            decoders[name].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders[name]
    return next(iter(decoders), None)


def decode_page(body: bytes | bytearray, header_charset: str | None) -> str:
    """Decode a web page. Never raises; removes NUL characters.

    Tries in order, strictly: byte order mark, HTTP header, meta tag or XML declaration, UTF-8,
    CP949, Latin-1 if declared. If none decodes without errors, takes UTF-8 or CP949 with
    replacement characters, whichever has fewer, or the result of a charset detector if more than
    1 % of the characters would be replaced.

    Args:
        body: Bytes of the page.
        header_charset: Charset of the Content-Type header, None if it has none.
    """
    declared = _DECLARED.search(body[:_DECLARATION_BYTES])
    names = [_codec(header_charset), _codec(declared[1].decode("ascii")) if declared else None]
    if names[1] and names[1].startswith(("utf-16", "utf-32")):
        names[1] = None  # wrong: the declaration is readable as ASCII
    from_bom = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    reliable = [name for name in names if name not in _UNRELIABLE]
    for name in [from_bom, *reliable, "utf-8", "cp949", *names]:
        if name and (text := _strict(body, name)) is not None:
            return text.replace("\0", "")
    return _decode_damaged(body).replace("\0", "")


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


def _decode_damaged(body: bytes | bytearray) -> str:
    """UTF-8 or CP949 with replacement characters; if both are bad, the detected encoding."""
    texts = [body.decode(name, errors="replace") for name in ("utf-8", "cp949")]
    best = min(texts, key=lambda text: text.count("\ufffd"))
    if best.count("\ufffd") > _MAX_DAMAGE * len(best):
        found = charset_normalizer.from_bytes(bytes(body[:_DETECTED_BYTES])).best()
        name = _codec(found.encoding) if found else None
        return (_strict(body, name) if name else None) or best
    return best
