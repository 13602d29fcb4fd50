"""Output of ``predict`` for texts: a line for each answer, and explanations."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from pipeline.predict.text_predictor import TextPredictor
from pipeline.redact import escape_controls
from pipeline.target.base import DIGITS

if TYPE_CHECKING:
    from pipeline.explain.single import Piece

SHOWN = ("label", "probability", "score")
"""Columns of a plain answer, if the target has them."""
FOR, AGAINST = "green", "red"
STRONG, WEAK = 0.5, 0.1
"""A piece is bold from the first share of the largest contribution, and plain below the second."""


def answer_text(predictor: TextPredictor, text: str, *, as_json: bool, explain: bool) -> None:
    """Print the answer for a text that is not blank.

    Args:
        predictor: The model.
        text: The text.
        as_json: Print one JSON object.
        explain: Add the contribution of each part of the text.
    """
    (answer,) = predictor.answers([text])
    pieces = _explained(predictor, text) if explain else []
    if as_json:
        print(_as_json(answer, pieces))
        return
    print(_as_line(answer))
    if explain:
        _print_pieces(pieces)


def answer_lines(
    predictor: TextPredictor, lines: Iterable[bytes], *, as_json: bool, explain: bool
) -> None:
    """Print a line for each line of text as soon as it is read; a blank line has empty answers.

    Args:
        predictor: The model.
        lines: Lines of text, in UTF-8 or CP949.
        as_json: Print JSON objects, else fields separated by tabs.
        explain: Add the explanation to each JSON object.
    """
    for line in lines:
        text = _decoded(line).strip()
        (answer,) = predictor.answers([text])
        known = explain and not predictor.is_blank(text)
        pieces = _explained(predictor, text) if known else []
        print(_as_json(answer, pieces) if as_json else _as_line(answer), flush=True)


def _explained(predictor: TextPredictor, text: str) -> list[Piece]:
    from pipeline.explain.single import explain_text

    return explain_text(predictor, text)


def _decoded(line: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode(errors="replace")


def _as_line(answer: dict[str, Any]) -> str:
    values = [answer[name] for name in SHOWN if name in answer]
    return "\t".join(f"{one:.4f}" if isinstance(one, float) else one or "" for one in values)


def _as_json(answer: dict[str, Any], pieces: Sequence[Piece]) -> str:
    if pieces:
        from pipeline.explain.single import as_records

        answer = answer | {"explanation": as_records(pieces)}
    return escape_controls(json.dumps(answer, ensure_ascii=False))


def _print_pieces(pieces: Sequence[Piece]) -> None:
    """Print the text in colour on a terminal, else one line per piece with its contribution."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal or console.no_color or console.color_system is None:
        for text, part in pieces:
            if text.strip():
                print(f"{escape_controls(text)}\t{part:+.{DIGITS}f}")
        return
    largest = max((abs(part) for _, part in pieces), default=0.0)
    shown = Text()
    for text, part in pieces:
        shown.append(escape_controls(text) if text.strip() else " ", _style(part, largest))
    console.print(shown)
    sys.stdout.flush()


def _style(part: float, largest: float) -> str:
    if abs(part) <= WEAK * largest:
        return ""
    colour = FOR if part > 0 else AGAINST
    return f"bold {colour}" if abs(part) >= STRONG * largest else colour
