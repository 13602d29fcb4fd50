"""Settings that may hold secrets, or name the environment variables that do."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainSerializer

from pipeline.redact import MASK

VARIABLE = re.compile(r"\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
"""Place of an environment variable."""


def _shown(text: str) -> str:
    """The text if it only names variables, else a mask."""
    return text if not text or VARIABLE.search(text) else MASK


Hidden = Annotated[str, PlainSerializer(_shown, when_used="json")]
"""In JSON (cache keys, Prefect's parameters), a text that names no variable is masked."""
