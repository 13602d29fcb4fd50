"""Remembers the alerts that were sent, so that none is sent twice."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.bounded_json import load_json
from pipeline.storage.files import write_json

logger = logging.getLogger("pipeline.alerts")

FILE = "alerts.json"
MOST = 10_000
"""Maximum number of remembered alerts, the newest ones."""


class Sent:
    """The alerts that were sent from a workspace, in ``alerts.json``; holds no text of reviews.

    Args:
        root: Folder of the workspace.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        known = self._read()
        self._keys: dict[str, None] = dict.fromkeys(known.get("alerts", ()))
        self._times: dict[str, str] = known.get("times", {})

    def __repr__(self) -> str:
        return f"Sent({str(self._path)!r})"

    def __contains__(self, parts: tuple[str, ...]) -> bool:
        """Whether an alert identified by these parts was sent, such as source, review and word."""
        return _key(parts) in self._keys

    def time(self, what: str) -> str:
        """The last remembered time for a key, ISO 8601 in UTC; empty if there is none."""
        return self._times.get(what, "")

    def remember(
        self, alerts: Iterable[tuple[str, ...]], times: Mapping[str, str] | None = None
    ) -> None:
        """Store that these alerts were sent, and store times by key."""
        self._keys |= dict.fromkeys(map(_key, alerts))
        self._times |= times or {}
        value = {"times": self._times, "alerts": list(self._keys)[-MOST:]}
        write_json(self._path, value)

    def _read(self) -> dict[str, Any]:
        try:
            known = load_json(self._path.read_bytes())
            if isinstance(known["alerts"], list) and isinstance(known["times"], dict):
                return dict(known)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError):
            pass
        logger.warning("%s is damaged: earlier alerts may be sent again", self._path)
        return {}


def _key(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
