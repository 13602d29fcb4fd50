"""Parses untrusted JSON, with a limit on its nesting depth."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

MAX_DEPTH = 100
"""Maximum depth of nested lists and objects."""
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^][{}"]++', re.DOTALL)
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def load_json(text: str | bytes, **options: Any) -> Any:
    """Parse JSON as :func:`json.loads` does, but refuse JSON that is nested too deeply.

    Without a limit the parser recurses until Python raises RecursionError, or, from Python 3.13 on
    in a process that runs Java, until the stack overflows and the process crashes.

    Args:
        text: The JSON; bytes in UTF-8, UTF-16 or UTF-32.
        **options: Options of :func:`json.loads`.

    Raises:
        ValueError: It is not JSON, or is nested more than ``MAX_DEPTH`` levels deep.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    if _is_deep(text):
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    return json.loads(text, **options)


def load_first_json(text: str) -> Any:
    """Parse the JSON at the beginning of a text, for instance of a script, and ignore the rest.

    Raises:
        ValueError: The text does not begin with JSON, or is nested too deeply; see
            :func:`load_json`.
    """
    if _is_deep(text):
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    return json.JSONDecoder().raw_decode(text)[0]


def _is_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    brackets = _NOT_BRACKETS.sub("", text)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH
