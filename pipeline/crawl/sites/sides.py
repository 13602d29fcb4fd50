"""Reviews in two texts: what the reviewer liked, and what not (hotels, employers)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from pipeline.reviews.review import NEGATIVE, POSITIVE, Review
from pipeline.settings.paths import nfc

SIDES = ("pros", "cons")
"""The settings that find the sides of a review."""
PROS, CONS = "장점", "단점"
"""The sides of a review, stored as its aspects."""
LABELS = {PROS: POSITIVE, CONS: NEGATIVE}
_BLANK = re.compile(r"[\W_]+")
_SUBJECT = (
    r"(?:장점|단점|(?:좋은|좋았던|나쁜|나빴던|싫은|싫었던|아쉬운|아쉬웠던|불편한|불편했던|부족한|개선할)[점거건것]|"
    r"불편함|불만|특이사항|해당사항|해당|그다지|딱히|특별히|별로|별다른|크게|전혀|아직|아무것도)"
)
_PARTICLE = "(?:을찾을수|를찾을수|으로는|은|는|이|가|도)"
_ENDING = (
    "(?:음|다|어요|어용|네요?|습니다|슴|었음|었다|었어요|었네요|었습니다|는듯(?:해요|합니다)?|"
    "(?:는|었던)[것거]같(?:음|다|아요|네요|습니다))"
)
_NOTHING = re.compile(
    rf"(?:(?:{_SUBJECT}{_PARTICLE}?)*(?:없{_ENDING}?|모름|모르겠{_ENDING})|무|x)?[ㅋㅎㅠㅜ]*"
    "|(?:none|nothing|nil|no|na)(?:really|atall)?"
)


def says_something(text: str) -> bool:
    """Whether a side names anything, unlike ``없음``, ``딱히 없었습니다``, ``-`` or ``N/A``."""
    return not _NOTHING.fullmatch(_BLANK.sub("", nfc(text).casefold()))


def sides_of(pros: str, cons: str) -> dict[str, str]:
    """The text of each side that says something."""
    given = {PROS: pros.strip(), CONS: cons.strip()}
    return {side: text for side, text in given.items() if text and says_something(text)}


def with_sides(review: Review, sides: Mapping[str, str]) -> list[Review]:
    """A review and its sides, each with its aspect and its label.

    The ratings are those of the whole review, so a side has none. A review that has only sides is
    left out itself.
    """
    parts = [
        replace(review, text=text, aspect=side, label=LABELS[side], rating=None, aspect_ratings={})
        for side, text in sides.items()
    ]
    is_rated = review.rating is not None or bool(review.aspect_ratings)
    is_empty = not review.text.strip() and not is_rated and review.label is None
    return parts if parts and is_empty else [review, *parts]
