"""The usual names of the columns of reviews, Korean and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.redact import excerpt
from pipeline.settings.paths import nfc

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("document", "text", "review", "리뷰내용", "리뷰", "내용", "후기"),
        *("content", "comment", "body"),
    ),
    "label": ("label", "sentiment", "라벨", "감성"),
    "rating": ("rating", "별점", "평점", "점수", "score", "star", "stars"),
    "date": ("date", "작성일", "작성일자", "날짜", "created_at"),
    "group": ("group", "상품명", "매장명", "호텔명", "product"),
    "id": ("id",),
}
"""Usual names by the kind of content, the most common name first."""
BYTE_ORDER_MARK = "\ufeff"


def usual_columns(field: str, columns: Iterable[str]) -> list[str]:
    """The columns with a usual name of a field, the most common name first.

    Case, blanks and byte order marks are ignored.
    """
    plain = [(_plain(column), column) for column in columns]
    return [
        column
        for name in USUAL_NAMES[field]
        for column in sorted((one for key, one in plain if key == name), key=name.__ne__)
    ]


def is_text_name(name: str) -> bool:
    """Whether a name is a usual name of a text column."""
    return _plain(name) in USUAL_NAMES["text"]


def shown_candidates(found: Mapping[str, Sequence[str]]) -> str:
    """Which column is used for which field: ``text 리뷰 (not 내용), rating 별점``.

    Args:
        found: The candidates for each field; the first one is used.
    """
    return ", ".join(
        f"{field} {excerpt(taken)}"
        + (f" (not {' or '.join(map(excerpt, others))})" if others else "")
        for field, (taken, *others) in found.items()
    )


def _plain(name: str) -> str:
    return "".join(nfc(name).replace(BYTE_ORDER_MARK, "").casefold().split())
