"""Quotes that no chat service formats, links or takes for a mention."""

import re
import unicodedata

import pytest

from pipeline.alerts.quoting import LONGEST, quote
from tests.pipeline.alerts.samples import HOSTILE

ACTIVE = re.compile(r"[@<>*_~`\[\]|#\\]|://|www\.|\.com", re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_hostile_text_is_active(text: str) -> None:
    shown = quote(text)
    assert not ACTIVE.search(shown.replace("[…]", ""))
    assert shown.isprintable()
    assert len(shown) <= 2 * LONGEST


def test_links_are_replaced_and_words_stay() -> None:
    text = "여기 https://evil.example/?q=1 또는 evil.com/x 참고, a@b.co 문의. 3.5점"
    assert quote(text) == "여기 […] 또는 […] 참고, […] 문의. 3.5점"


def test_a_plain_text_stays() -> None:
    text = "조용하고 살기 좋아요! 관리비는 3.5만원, 5/5점 ㅋㅋ ^^ …"
    assert quote(text) == text


def test_forms_of_unicode_and_spaces_are_one() -> None:
    text = unicodedata.normalize("NFD", "곰팡이가\n\n  많\u200b아요")
    assert quote(text) == "곰팡이가 많아요"


def test_a_long_text_is_cut_around_its_part() -> None:
    text = f"{'앞말 ' * 60}곰팡이 {'뒷말 ' * 60}".strip()
    begin = text.index("곰팡이")
    shown = quote(text, begin, begin + 3)
    assert "곰팡이" in shown
    assert shown.startswith("…앞말")
    assert shown.endswith("뒷말…")
    assert len(shown) <= LONGEST + 2


@pytest.mark.parametrize("text", ["가" * 100_000, "a." * 50_000, "a@" * 50_000, "가 " + "나" * 300])
def test_a_text_without_spaces_is_cut_too(text: str) -> None:
    assert LONGEST - 25 <= len(quote(text)) <= LONGEST + 2


def test_html_becomes_plain_text() -> None:
    assert quote("두<br/>줄 &amp;quot;굿&amp;quot; &lt;@here&gt;") == '두 줄 "굿" ‹＠here›'


def test_the_part_may_stand_at_the_end() -> None:
    text = "가" * 500 + "환불"
    shown = quote(text, 500, 502)
    assert shown == "…" + "가" * (LONGEST - 2) + "환불"
