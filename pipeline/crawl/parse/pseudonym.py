"""Authors by pseudonym: the same for the same person, and no way back to the name."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

DIGITS = 32


class Pseudonym:
    """Makes pseudonyms that only the holder of the key can make again.

    Args:
        key: Secret of one workspace.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Pseudonym()"

    def of(self, name: str) -> str:
        """32 hexadecimal digits for a name; empty for an empty one."""
        plain = unicodedata.normalize("NFC", name).strip()
        if not plain:
            return ""
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()[:DIGITS]
