"""Aligns tokens with their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]
"""Start and end (exclusive) of a token in its text, in characters."""

MAX_GAP = 20
"""Maximum distance in characters between two tokens; some taggers omit words."""


def align(text: str, tokens: Sequence[str]) -> list[Span]:
    """Find the span of each token in its text, ignoring case.

    A token that does not occur literally, such as a stem or a token with its tag, gets the gap
    between its neighbours; consecutive ones share it.
    """
    lowered = text.lower() if len(text.lower()) == len(text) else text
    found: list[Span | None] = []
    end = 0
    for token in tokens:
        begin = lowered.find(token.lower(), end, end + len(token) + MAX_GAP)
        found.append((begin, begin + len(token)) if token and begin >= 0 else None)
        end = found[-1][1] if found[-1] else end
    return _filled(text, found)


def _filled(text: str, found: list[Span | None]) -> list[Span]:
    begins: list[int] = []
    end = len(text)
    for span in reversed(found):
        begins.append(end)
        end = span[0] if span else end
    spans: list[Span] = []
    end = 0
    for span, next_begin in zip(found, reversed(begins), strict=True):
        spans.append(span or _trimmed(text, end, next_begin))
        end = span[1] if span else end
    return spans


def _trimmed(text: str, begin: int, end: int) -> Span:
    gap = text[begin:end]
    begin += len(gap) - len(gap.lstrip())
    return begin, begin + len(gap.strip())


def segments(text: str, spans: Sequence[Span], parts: Iterable[float]) -> list[tuple[str, float]]:
    """Split a text into pieces along spans of tokens.

    Args:
        text: The text.
        spans: Span of each token, from :func:`align`.
        parts: Contribution of each token.

    Returns:
        Consecutive pieces that concatenate to ``text``, each with the summed contribution of its
        tokens, 0 between tokens.
    """
    sums: dict[Span, float] = {}
    for span, part in zip(spans, parts, strict=True):
        sums[span] = sums.get(span, 0.0) + float(part)
    pieces: list[tuple[str, float]] = []
    end = 0
    for (begin, stop), part in sums.items():
        if begin < end or begin == stop:
            continue
        if begin > end:
            pieces.append((text[end:begin], 0.0))
        pieces.append((text[begin:stop], part))
        end = stop
    if end < len(text):
        pieces.append((text[end:], 0.0))
    return pieces
