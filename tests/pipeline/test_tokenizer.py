import gzip
from pathlib import Path

import pytest

from pipeline.clean import clean
from pipeline.settings import CleanSettings, TokenizerSettings
from pipeline.tokenizer import SEPARATOR, OktTokenizer

TEXTS = [
    "교통도 편하고 관리도 잘 돼서 정말 만족해요",
    "이것도 되나욬ㅋㅋ 사랑햌ㅋㅋ",
    "주차 헬이고 층간소음 최악...",
    "",
    "😀😀 ^^;; 10,000원 / 1/2 a/b A+",
    f"구분 {SEPARATOR} 문자{SEPARATOR}도",
    "뷁똠방각하",
]


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("norm", [False, True])
def test_tokens_are_those_of_konlpy(stem: bool, norm: bool) -> None:
    from konlpy.tag import Okt

    tokenizer = OktTokenizer(TokenizerSettings(stem=stem, norm=norm))
    plain = Okt()
    expected = [plain.morphs(text, norm=norm, stem=stem) if text else [] for text in TEXTS]
    assert list(tokenizer.tokenize(TEXTS)) == expected
    assert list(tokenizer.tokenize(TEXTS)) == expected


def test_tokens_of_real_reviews_are_those_of_konlpy(movies: Path) -> None:
    from konlpy.tag import Okt

    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        lines = [next(file) for _ in range(2001)][1:]
    texts = [clean(line.split("\t")[1], CleanSettings()) for line in lines]
    tokenizer = OktTokenizer(TokenizerSettings())
    plain = Okt()
    assert list(tokenizer.tokenize(texts)) == [plain.morphs(t) if t else [] for t in texts]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "가나다라" * 2_500, " ", "😀" * 1000])
def test_odd_texts_do_not_end_the_virtual_machine(text: str) -> None:
    tokenizer = OktTokenizer(TokenizerSettings())
    cleaned = clean(text, CleanSettings())
    (tokens,) = tokenizer.tokenize([cleaned])
    assert "".join(tokens) == cleaned
