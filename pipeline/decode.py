"""Which characters the bytes of a page or a file stand for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip  # noqa: E501
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CP949_NAMES = {"euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "uhc", "windows-949", "ms949"}


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


def decode_page(body: bytes, header_charset: str | None) -> str:
    """Decode a web page: byte order mark, HTTP header, meta tag, strict UTF-8, strict CP949.

    A declared encoding that does not fit the bytes is passed over. When none fits, the bytes are
    read as UTF-8 with replacement characters.
    """
    meta = _META.search(body[:4096])
    declared = [header_charset, meta[1].decode("ascii") if meta else None]
    by_mark = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    for name in [by_mark, *declared, "utf-8", "cp949"]:
        if name:
            try:
                return body.decode("cp949" if name.lower() in _CP949_NAMES else name)
            except (UnicodeDecodeError, LookupError):
                continue
    return body.decode("utf-8", errors="replace")
