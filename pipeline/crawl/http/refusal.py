"""What a site says when it refuses a request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress

from pipeline.bounded_json import load_json
from pipeline.crawl.http.client import Answer
from pipeline.redact import printable

MAX_WORDS = 200
"""Maximum number of characters that a message quotes."""
_HTML = re.compile(r"\s*<")


def words_of(answer: Answer, hide: Callable[[str], str]) -> str:
    """The beginning of the body of a refusal, on one line; empty if it is a web page.

    Args:
        answer: A response with a status that is not 2xx.
        hide: Masks the secrets of the source, which a body may repeat.
    """
    text = bytes(answer.body).decode("utf-8", "replace").removeprefix("\ufeff")
    if _HTML.match(text):
        return ""
    with suppress(ValueError):
        text = json.dumps(load_json(text), ensure_ascii=False)
    words = " ".join(printable(hide(text)).split())
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…"
