"""Decompression of response bodies in pieces of limited size, with a check of the stream's end."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from urllib3.exceptions import DecodeError

from pipeline.crawl.http.errors import ExchangeError

CHUNK_BYTES = 65_536
GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS


def decompressed(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Decompress a body, in pieces of at most ``CHUNK_BYTES``.

    Args:
        chunks: The body as transferred.
        coding: Content-Encoding: ``gzip``, ``x-gzip``, ``deflate``; others leave the body as it
            is.

    Raises:
        ExchangeError: The body ends before the compressed stream does.
        DecodeError: The body is not compressed this way.
    """
    if coding not in ("gzip", "x-gzip", "deflate"):
        yield from chunks
        return
    stream = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if stream is None:
                stream = zlib.decompressobj(_window_bits(rest, coding))
            elif stream.eof:
                if not GZIP_MAGIC.startswith(rest[:2]):  # trailing data, no gzip member: ignored
                    return
                stream = zlib.decompressobj(_GZIP)
            try:
                yield from _pieces(stream, rest)
            except zlib.error as error:
                raise DecodeError(f"{coding}: {error}") from error
            rest = stream.unused_data
    if stream is not None and not stream.eof:
        raise ExchangeError("truncated", f"the {coding} body is truncated", passing=True)


def _pieces(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    while True:
        piece = stream.decompress(data, CHUNK_BYTES)
        yield piece
        data = stream.unconsumed_tail
        if stream.eof or (not data and len(piece) < CHUNK_BYTES):
            break


def _window_bits(start: bytes, coding: str) -> int:
    """Parameter of zlib; servers send ``deflate`` with and without a zlib header."""
    if coding != "deflate":
        return _GZIP
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
