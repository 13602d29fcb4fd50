"""Which characters the bytes of a page or a file stand for."""

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
"""Beside those that Python takes for EUC-KR; pages in it are really CP949."""
_NO_SIGN = {"iso8859-1", "iso8859-15", "cp1252"}
"""Encodings that servers declare by default and that hardly any bytes contradict."""
_NOT_OF_PAGES = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"}
_DETECTED_BYTES = 65_536
_DAMAGE = 0.01
"""Share of replacement characters up to which a page is taken for damaged UTF-8 or CP949."""


def encoding_of(chunks: Iterable[bytes]) -> str | None:
    """The encoding of a text file: by byte order mark, else UTF-8, else CP949, else None.

    ``chunks`` is read once; both candidates are tried strictly, byte for byte.
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
    """Decode a web page; never fails, and leaves NUL characters out.

    Tried in turn, strictly: byte order mark, HTTP header, meta tag or XML declaration, UTF-8,
    CP949, Latin-1 where it was declared, and a detector. A declared encoding that does not fit
    the bytes is passed over. When none fits, or only few bytes of a page in UTF-8 or CP949 do
    not, these become replacement characters.
    """
    declared = _DECLARED.search(body[:_DECLARATION_BYTES])
    names = [_codec(header_charset), _codec(declared[1].decode("ascii")) if declared else None]
    if names[1] and names[1].startswith(("utf-16", "utf-32")):
        names[1] = None  # the declaration could not have been read
    by_mark = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    signs = [name for name in names if name not in _NO_SIGN]
    for name in [by_mark, *signs, "utf-8", "cp949", *names]:
        if name and (text := _strict(body, name)) is not None:
            return text.replace("\0", "")
    return _decode_damaged(body).replace("\0", "")


def _codec(name: str | None) -> str | None:
    """Python's name of an encoding, None where it has none or one that no page is in."""
    if not name:
        return None
    if name.lower() in _CP949_NAMES:
        return "cp949"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return {"euc_kr": "cp949"}.get(found, None if found in _NOT_OF_PAGES else found)


def _strict(body: bytes | bytearray, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError):
        return None


def _decode_damaged(body: bytes | bytearray) -> str:
    """The better of UTF-8 and CP949, unless both are bad and a detector knows another encoding."""
    texts = [body.decode(name, errors="replace") for name in ("utf-8", "cp949")]
    best = min(texts, key=lambda text: text.count("\ufffd"))
    if best.count("\ufffd") > _DAMAGE * len(best):
        found = charset_normalizer.from_bytes(bytes(body[:_DETECTED_BYTES])).best()
        name = _codec(found.encoding) if found else None
        return (_strict(body, name) if name else None) or best
    return best
