"""Contribution of each part of a single text to its prediction, without TensorFlow.

The report explains thousands of texts by integrated gradients, see
:mod:`pipeline.explain.integrated_gradients`. For a single text, each token is left out in turn
instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.arrays import Floats
from pipeline.explain.alignment import Span, align, segments
from pipeline.predict.predictor import Predictor
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.target.base import DIGITS

MAX_TOKENS = 300
"""Only the first tokens of a text, up to this number, are left out in turn; the others add 0."""

_WORD = re.compile(r"\S+|\s+")

Piece = tuple[str, float]
"""Part of a text, and its contribution to the log-odds of positive."""


def explain_text(predictor: TextPredictor, text: str) -> list[Piece]:
    """Attribute the prediction of a text to its parts.

    The starter's logit is a sum over the words. For a trained model, a token's contribution
    is how much the log-odds of positive (with three classes, of positive against negative) fall
    when it is left out.

    Args:
        predictor: The model.
        text: Raw text, not blank.

    Returns:
        Pieces that concatenate to the cleaned text: words or tokens, and the text between them.
    """
    cleaned = clean(text, predictor.clean)
    if isinstance(predictor, StarterPredictor):
        return _by_word(cleaned, predictor.contributions(cleaned))
    if isinstance(predictor, Predictor):
        return _without_each_token(predictor, cleaned)
    raise TypeError(f"{predictor!r} cannot be explained")


def as_records(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """The pieces for JSON output, with rounded numbers."""
    return [{"text": text, "contribution": round(part, DIGITS)} for text, part in pieces]


def _by_word(text: str, contributions: Floats) -> list[Piece]:
    """Sum the contributions of the characters of each word, and of each space between words."""
    spans = [one.span() for one in _WORD.finditer(text)]
    return [(text[begin:end], float(contributions[begin:end].sum())) for begin, end in spans]


def _without_each_token(predictor: Predictor, text: str) -> list[Piece]:
    """Leave out each token of the first network, and all overlapping tokens of the others."""
    tokens = predictor.tokenize(text)
    spans = [align(text, own) for own in tokens]
    left_out = _apart(spans[0])[:MAX_TOKENS]
    texts = [text, *(text[:begin] + text[end:] for begin, end in left_out)]
    variants = [
        [own, *(_without(own, places, span) for span in left_out)]
        for own, places in zip(tokens, spans, strict=True)
    ]
    logits = _log_odds(predictor, texts, variants)
    return segments(text, left_out, logits[0] - logits[1:])


def _log_odds(
    predictor: Predictor, texts: Sequence[str], variants: Sequence[Sequence[list[str]]]
) -> Floats:
    """Log-odds of the last class against the first, or of the single output, shape (texts,)."""
    logits = predictor.target.link.logits(predictor.predict_tokens(texts, variants))
    return logits if logits.ndim == 1 else np.asarray(logits[:, -1] - logits[:, 0])


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans that are not empty and do not overlap the previous one."""
    found: list[Span] = []
    for begin, end in spans:
        if begin < end and begin >= (found[-1][1] if found else 0):
            found.append((begin, end))
    return found


def _without(tokens: Sequence[str], places: Sequence[Span], span: Span) -> list[str]:
    begin, end = span
    return [
        token
        for token, place in zip(tokens, places, strict=True)
        if place[1] <= begin or place[0] >= end
    ]
