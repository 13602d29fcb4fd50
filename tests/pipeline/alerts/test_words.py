"""Listed words in new reviews."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.sent import Sent
from pipeline.alerts.words import MOST_QUOTED, describe_words, find_words
from pipeline.report.phrases import Phrases
from pipeline.reviews.review import Review
from tests.pipeline.alerts.samples import HOSTILE

WORDS = ("사고", "환불", "곰팡이")


def review(text: str, number: int = 0, **more: Any) -> Review:
    return Review(source="s", review_id=str(number), text=text, **more)


def words_in(text: str, root: Path, *words: str) -> list[str]:
    return [one.word for one in find_words([review(text)], words or WORDS, Sent(root))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("환불요청을 했는데 접촉사고까지", ["사고", "환불"]),
        (unicodedata.normalize("NFD", "곰팡이가 피었다"), ["곰팡이"]),
        ("환\u200b불", ["환불"]),
        ("환 불, 사\n고", []),
        (f"{'좋아요 ' * 3000}환불", ["환불"]),
        ("", []),
    ],
)
def test_words_are_found_within_words_but_not_across_spaces(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    assert words_in(text, tmp_path) == found


def test_case_width_and_form_do_not_matter(tmp_path: Path) -> None:
    assert words_in("ＡＳ 신청", tmp_path, "as") == ["as"]
    assert words_in("고객  센터", tmp_path, "고객 센터", "고객센터") == ["고객 센터"]
    decomposed = unicodedata.normalize("NFD", "환불")
    assert words_in("환불", tmp_path, decomposed) == [decomposed]


def test_a_word_is_no_pattern(tmp_path: Path) -> None:
    assert words_in("abc", tmp_path, "a.c", ".*", "(") == []


def test_the_same_review_and_word_are_told_once(tmp_path: Path) -> None:
    reviews = [review("환불"), Review(source="s", review_id="0", aspect="교통", text="환불, 사고")]
    first = find_words(reviews, WORDS, Sent(tmp_path))
    assert sorted(one.word for one in first) == ["사고", "환불"]
    Sent(tmp_path).remember(one.key for one in first)
    later = [*reviews, review("곰팡이도 환불도", 1)]
    assert [one.word for one in find_words(later, WORDS, Sent(tmp_path))] == ["환불", "곰팡이"]
    other = Review(source="other", review_id="0", text="환불")
    assert len(find_words([other], WORDS, Sent(tmp_path))) == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_message_has_word_quote_group_and_date(tmp_path: Path, language: str) -> None:
    say = Phrases("ko" if language == "ko" else "en")
    reviews = [
        review(f"{number}번 환불", number, group_name="가나 단지", date=f"2026-11-{number:02}")
        for number in range(1, 10)
    ]
    title, *lines = describe_words(find_words(reviews, WORDS, Sent(tmp_path)), say).splitlines()
    assert "9" in title
    assert "환불" in title
    assert lines[0] == "환불: “9번 환불” (가나 단지, 2026-11-09)"
    assert len(lines) == MOST_QUOTED + 1
    assert "4" in lines[-1]


def test_hostile_reviews_and_groups_are_inert(tmp_path: Path) -> None:
    reviews = [review(text + " 환불", n, group=text) for n, text in enumerate(HOSTILE)]
    found = find_words(reviews, ("환불",), Sent(tmp_path))
    assert len(found) == len(HOSTILE)
    shown = describe_words(found, Phrases("en"))
    for active in ("<", ">", "@", "://", "evil.com", "](", "\x1b", "\u202e"):
        assert active not in shown
