"""Text cleaning: examples of each kind of noise, and properties that hold for any text."""

import gzip
import re
import unicodedata
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings

CASES = {
    "white space": [
        ("", ""),
        ("  좋아요\t\n정말  ", "좋아요 정말"),
        ("좋아요\u3000정말\u00a0\u2028최고\u3164", "좋아요 정말 최고"),
    ],
    "unicode": [
        (unicodedata.normalize("NFD", "한글 café"), "한글 café"),
        ("ＡＢＣ１２３ ①㎡™", "ABC123 ①㎡™"),
        ("a\u200bb\x00c\ud800d\ufeff\u202ee\ufdd0\U000e0067", "abcde"),
        ("e\u200b\u0301", "é"),
    ],
    "jamo": [
        ("ㅋㅋ", "ㅋㅋ"),
        ("\u110f\u110f", "ㅋㅋ"),
        ("\uffbb\u110fㅋ", "ㅋㅋ"),
        ("\uffa1\uffc2\uffa1", "ㄱㅏㄱ"),
        ("가\u200b\u11a8", "가ㄱ"),
        ("\u11a8\u119e\u1113", "ㄱㆍ\u1113"),
    ],
    "repeats": [
        ("ㅋㅋㅋㅋㅋ 최고!!!!!", "ㅋㅋ 최고!!"),
        ("하하하하 10000원", "하하하하 10000원"),
        ("스토리ㅋㅋㅋ", "스토리ㅋㅋ"),
        ("ㅋㅎㅋㅎㅋㅎ ^^;;^^;;", "ㅋㅎㅋㅎㅋㅎ ^^;;^^;;"),
        (":) ㅠㅠ goooood", ":) ㅠㅠ good"),
    ],
    "entities": [
        ("톰&amp;제리 &lt;3 &#039;굿&#x27;", "톰&제리 <3 '굿'"),
        ("AT&amp;amp;T&nbsp;좋아요", "AT&T 좋아요"),
        ("&amp;amp;lt;br&amp;amp;gt;좋아요", "좋아요"),
        ("&#54620;&#44397; &foo; &가; &notit; R&D", "한국 &foo; &가; &notit; R&D"),
        ("&#&#51;9;", "'"),
        ("가&#4520;", "가ㄱ"),
    ],
    "tags": [
        ("재밌다<br />또<BR>보자</p>", "재밌다 또 보자"),
        ("<span class=\"x\">굿</span><a href=/b title='c'>링크</a>", "굿 링크"),
        ('<img src="a.jpg" alt="멋진 영화">최고', "멋진 영화 최고"),
        ("<기생충> <Avengers> <A Beautiful Mind> <3", "<기생충> <Avengers> <A Beautiful Mind> <3"),
        ("<a<a<a<a<a<b> x=1> x=1> x=1> x=1> x=1>", "a a x=1> x=1>"),
    ],
    "urls": [
        ("리뷰http://a.com/b?c=%EA%B0%80&d=1재밌음", "리뷰 재밌음"),
        ("(www.naver.com) HTTPS://A.kr/가, 굿!", "( ) 가, 굿!"),
        ("www... http 굿", "ww.. http 굿"),
        ("htttp://a.com 굿", "굿"),
    ],
    "emoji": [
        ("굿❤️❤️❤️영화👍🏻👍🏿👍", "굿 ❤ ❤ 영화 👍 👍"),
        ("😀 😀 😀 😂", "😀 😀 😂"),
        ("👨‍👩‍👧👨‍👩‍👧👨 🏳️‍🌈", "👨‍👩‍👧 👨‍👩‍👧 👨 🏳‍🌈"),
        ("🇰🇷🇰🇷🇰🇷🇯🇵🇰", "🇰🇷 🇰🇷 🇯🇵 🇰"),
        ("1️⃣위 #️⃣", "1⃣ 위 #⃣"),
        ("★5 ♥.♥", "★ 5 ♥ . ♥"),
        ("\u200d굿\u200d😀\u200d", "굿 😀"),
    ],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(*example, id=f"{kind} {number}")
        for kind, examples in CASES.items()
        for number, example in enumerate(examples, 1)
    ],
)
def test_cleaning(text: str, expected: str) -> None:
    cleaned = clean(text, CleanSettings())
    assert cleaned == expected
    assert clean(cleaned, CleanSettings()) == cleaned


def test_cleaning_settings() -> None:
    text = "www.aaaa.com/?1&amp;2 ㅋㅋㅋㅋ ３0٣원 1️⃣2️⃣"
    assert clean(text, CleanSettings(urls="keep")) == "www.aaaa.com/?1&2 ㅋㅋ 30٣원 1⃣ 2⃣"
    assert clean(text, CleanSettings(digits="zero")) == "ㅋㅋ 000원 0⃣ 0⃣"
    assert clean(text, CleanSettings(max_repeat=1)) == "ㅋ 30٣원 1⃣ 2⃣"
    assert clean("🇲🇲🇲🇲", CleanSettings(max_repeat=1)) == "🇲🇲"
    assert clean(text, CleanSettings(max_repeat=3, digits="zero")) == "ㅋㅋㅋ 000원 0⃣ 0⃣"


FRAGMENTS = [
    *"ㅋ가각a<>/&;#39tphw.:=\"' !２Ａ*\n\r\x00\x1c\x85\u3000\u037eſ٣①",
    *(
        "&amp;",
        "amp;",
        "&lt;",
        "&gt;",
        "&#39;",
        "&#51;",
        "&#",
        "&nbsp;",
        "&zwj;",
        "&#768;",
        "&ngE;",
    ),
    *("<a ", "x='", "x=1", "<b>", "<br />", "</p>", "<img alt='가'>", "<기생충>", "&가;"),
    *("http://", "htttp://", "ttp://", "www.", "wwww", "http://가"),
    *("\u1100", "\u1161", "\u11a8", "\u1113", "\uffa1", "\uffc2", "\uffa0", "&#4352;", "&#4520;"),
    *("\u200b", "\u200d", "\ufe0f", "\ud800", "\udc00", "\ufffe", "\u0301", "\u0323", "\u0338"),
    *("😀", "👨", "👨‍👩", "🏻", "❤️", "🇰", "🇰🇷", "🇲🇲", "1️⃣", "\u20e3", "\U000e0067", "&#x1f600;"),
]
PIECES = st.sampled_from(FRAGMENTS)
TEXTS = (
    st.lists(PIECES | st.text(max_size=2), max_size=20)
    | st.lists(PIECES, min_size=2, max_size=5).flatmap(
        lambda few: st.lists(st.sampled_from(few), min_size=4, max_size=20)
    )
).map("".join)
SETTINGS = st.builds(
    CleanSettings,
    max_repeat=st.integers(1, 3),
    urls=st.sampled_from(["drop", "keep"]),
    digits=st.sampled_from(["keep", "zero"]),
)
PROPERTY = settings(max_examples=600, derandomize=True, deadline=None, database=None)


@PROPERTY
@given(TEXTS, SETTINGS)
def test_cleaning_is_idempotent(text: str, cleaning: CleanSettings) -> None:
    cleaned = clean(text, cleaning)
    assert clean(cleaned, cleaning) == cleaned


@PROPERTY
@given(TEXTS, SETTINGS)
def test_syllables_are_preserved(text: str, cleaning: CleanSettings) -> None:
    assert syllables(clean(text, cleaning)) == syllables(unicodedata.normalize("NFC", text))


@PROPERTY
@given(TEXTS, SETTINGS)
def test_clean_text_is_nfc_and_visible(text: str, cleaning: CleanSettings) -> None:
    cleaned = clean(text, cleaning)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cs"}
    assert not re.search("[\u1100-\u1112\u1160-\u1175\u200b\ufe0f\ufffe\uffa0-\uffdc]", cleaned)


def test_real_reviews_keep_their_syllables(movies: Path) -> None:
    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as lines:
        reviews = [line.split("\t")[1] for line in islice(lines, 1, 5001)]
    cleaned = [clean(review, CleanSettings()) for review in reviews]
    assert [clean(text, CleanSettings()) for text in cleaned] == cleaned
    assert list(map(syllables, cleaned)) == list(map(syllables, reviews))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "unit",
    [
        "ㅋ",
        "<",
        "<a ",
        "<a x=1 ",
        "<a x='",
        "&",
        "&amp;",
        "&#&#51;9;",
        "http://!",
        "www.",
        "😀",
        "👨‍",
    ],
)
def test_a_megabyte_of_repeated_markup_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit.encode()))
    for cleaning in (CleanSettings(), CleanSettings(max_repeat=10**6, urls="keep")):
        assert len(clean(text, cleaning)) <= 2 * len(text)


def syllables(text: str) -> list[str]:
    return re.findall("[가-힣]", text)
