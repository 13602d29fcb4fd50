"""Plain texts from texts with HTML."""

from __future__ import annotations

import pytest

from pipeline.prepare.clean import clean
from pipeline.reviews.markup import readable
from pipeline.settings import CleanSettings

CASES = [
    ("두<br/>줄", "두\n줄"),
    ("<p>첫 문단</p><p>둘째 <b>굵은</b> 문단</p>", "첫 문단\n\n둘째 굵은 문단"),
    ("&quot;굿&quot; &amp; 저렴", '"굿" & 저렴'),
    ("&amp;quot;굿&amp;quot;", '"굿"'),
    ("&lt;br&gt;줄", "줄"),
    ("가격 &#44032;&nbsp;좋음", "가격 가\xa0좋음"),
    ("<a href='https://x.example/?a=1&b=2'>링크</a>", "링크"),
    ("a < b & c > d <3", "a < b & c > d <3"),
    ("R&D, AT&T;", "R&D, AT&T;"),
    ("<최고> <b 좋아요>", "<최고> <b 좋아요>"),
    ("<img alt='좋아요'>", "<img alt='좋아요'>"),
    ("평범한 후기", "평범한 후기"),
]


@pytest.mark.parametrize(("text", "plain"), CASES)
def test_markup_becomes_plain_text(text: str, plain: str) -> None:
    assert readable(text) == plain
    assert readable(plain) == plain
    words = clean(text, CleanSettings()).replace(" ", "")
    assert clean(plain, CleanSettings()).replace(" ", "") == words
