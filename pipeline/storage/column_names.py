"""The usual names of the columns of reviews, Korean and English."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence

from pipeline.redact import excerpt
from pipeline.settings.paths import nfc

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("document", "text", "review", "리뷰내용", "리뷰", "내용", "후기"),
        *("content", "comment", "body", "리뷰상세내용", "리뷰본문", "후기내용", "구매후기"),
        *("이용후기", "상품평내용", "상품평", "review_text", "review_content", "review_body"),
    ),
    "label": ("label", "sentiment", "라벨", "감성", "감성라벨", "긍부정"),
    "rating": (
        *("rating", "별점", "평점", "점수", "score", "star", "stars", "구매자평점"),
        *("리뷰평점", "평가점수", "총점", "star_rating", "review_rating", "review_score"),
    ),
    "date": (
        *("date", "작성일", "작성일자", "날짜", "created_at", "작성일시", "등록일", "등록일자"),
        *("등록일시", "리뷰작성일", "리뷰등록일", "review_date", "review_submit_date_and_time"),
        *("written_at", "at", "타임스탬프", "timestamp"),
    ),
    "group": (
        *("group", "상품명", "매장명", "호텔명", "product", "제품명", "매장", "지점명", "지점"),
        *("가게명", "가게", "업체명", "숙소명", "단지명", "product_name", "store"),
    ),
    "id": ("id", "review_id", "리뷰id", "리뷰번호", "리뷰글번호"),
    "pros": ("pros", "장점", "좋았던점", "좋은점", "positive_review"),
    "cons": ("cons", "단점", "아쉬웠던점", "아쉬운점", "불편했던점", "불편한점", "negative_review"),
}
"""Usual names by the kind of content, the most common name first."""
BYTE_ORDER_MARK = "\ufeff"
_IGNORED = re.compile(r"[\s_-]+")
_REMARK = re.compile(r"[(\[（][^)\]）]*[)\]）]$")


def usual_columns(field: str, columns: Iterable[str]) -> list[str]:
    """The columns with a usual name of a field, the most common name first.

    Case, blanks, ``_``, ``-``, byte order marks and a remark in brackets at the end are ignored.
    """
    plain = [(_plain(column), column) for column in columns]
    return [
        column
        for name in USUAL_NAMES[field]
        for column in sorted((one for key, one in plain if key == _plain(name)), key=name.__ne__)
    ]


def is_text_name(name: str) -> bool:
    """Whether a name is a usual name of a text column."""
    return bool(usual_columns("text", [name]))


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


@functools.lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    plain = _IGNORED.sub("", nfc(name).replace(BYTE_ORDER_MARK, "").casefold())
    return _REMARK.sub("", plain) or plain
