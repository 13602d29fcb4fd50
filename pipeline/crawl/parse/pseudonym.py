"""Pseudonyms of authors: keyed hashes that are stable per name."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

PSEUDONYM_DIGITS = 32


class Pseudonym:
    """Computes pseudonyms with HMAC-SHA256.

    Args:
        key: Secret key; another key gives other pseudonyms.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Pseudonym()"

    def of(self, name: str) -> str:
        """Pseudonym of a name: 32 hexadecimal digits, empty for an empty name."""
        plain = unicodedata.normalize("NFC", name).strip()
        if not plain:
            return ""
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]
