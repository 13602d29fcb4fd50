"""Okt: tokens equal those of KoNLPy, whether from Java, memory or the word cache on disk."""

import contextlib
import gzip
import itertools
import multiprocessing
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings, TokenizerSettings
from pipeline.tokenizer import cache, okt
from pipeline.tokenizer.cache import WordMemo
from pipeline.tokenizer.okt import SEPARATOR, WORD, OktTokenizer
from pipeline.tokenizer.okt_split import OktSplitter
from pipeline.tokenizer.okt_words import lines_of

TEXTS = [
    "교통도 편하고 관리도 잘 돼서 정말 만족해요",
    "이것도 되나욬ㅋㅋ 사랑햌ㅋㅋ",
    "주차 헬이고 층간소음 최악...",
    "",
    "😀😀 ^^;; 10,000원 / 1/2 a/b A+",
    f"구분 {SEPARATOR} 문자{SEPARATOR}도",
    "뷁똠방각하",
]


MakeOkt = Callable[[TokenizerSettings], OktTokenizer]


@pytest.fixture
def okt_of(tmp_path: Path) -> Iterator[MakeOkt]:
    """Makes tokenizers that share a folder of memos; they are closed after the test."""
    with contextlib.ExitStack() as opened:
        yield lambda options: opened.enter_context(
            contextlib.closing(OktTokenizer(options, tmp_path))
        )


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("norm", [False, True])
def test_tokens_equal_konlpy(okt_of: MakeOkt, stem: bool, norm: bool) -> None:
    from konlpy.tag import Okt

    options = TokenizerSettings(stem=stem, norm=norm)
    first = okt_of(options)
    plain = Okt()
    expected = [plain.morphs(text, norm=norm, stem=stem) if text else [] for text in TEXTS]
    assert list(first.tokenize(TEXTS)) == expected
    assert list(first.tokenize(TEXTS)) == expected
    assert list(okt_of(options).tokenize(TEXTS)) == expected

    tagged = okt_of(options.model_copy(update={"pos": True}))
    assert list(tagged.tokenize(TEXTS)) == [
        plain.pos(text, norm=norm, stem=stem, join=True) if text else [] for text in TEXTS
    ]


def test_tokens_of_real_reviews_equal_konlpy(movies: Path) -> None:
    from konlpy.tag import Okt

    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        lines = [next(file) for _ in range(601)][1:]
    texts = [clean(line.split("\t")[1], CleanSettings()) for line in lines]
    plain = Okt()
    assert list(OktTokenizer(TokenizerSettings()).tokenize(texts)) == [
        plain.morphs(text) if text else [] for text in texts
    ]


_MIXED = st.lists(
    st.one_of(
        st.sampled_from(["점", "만원", "한국", "좋다", "하는", "이", "네이버", "대한민국", "년"]),
        st.sampled_from("ㅋㅎㅠㅜㅡㅣ가나다요는을"),
        st.sampled_from("0123%$₩@#_aZé中①.,/:~^!?…♥()'\"☆・"),
        st.just(" "),
    ),
    max_size=8,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(_MIXED, min_size=20, max_size=60), stem=st.booleans())
def test_word_boundaries_agree_with_okt(texts: list[str], stem: bool) -> None:
    from konlpy.tag import Okt

    tokenizer = OktTokenizer(TokenizerSettings(stem=stem, pos=True))
    plain = Okt()
    assert list(tokenizer.tokenize(texts)) == [
        plain.pos(text, stem=stem, join=True) if text.strip() else [] for text in texts
    ]


@given(text=st.one_of(_MIXED, st.text()))
def test_words_end_as_they_always_did(text: str) -> None:
    simple = re.compile(r"\S*(?:[^\W가-힣ㄱ-ㅣ]|[@#])\S*|[가-힣]+|[^\s가-힣]+")
    assert OktTokenizer(TokenizerSettings()).words_of(text) == simple.findall(text)


@given(texts=st.lists(st.one_of(_MIXED, st.text())))
def test_words_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    words, counts = OktSplitter().split(texts)
    split = [WORD.findall(text) for text in texts]
    assert words == list(itertools.chain.from_iterable(split))
    assert counts.tolist() == [len(own) for own in split]


def test_texts_have_the_same_tokens_in_arrays(okt_of: MakeOkt) -> None:
    for options in ({}, {"pos": True}, {"drop_tags": ["Josa"]}, {"stop_words": ["정말"]}):
        tokenizer = okt_of(TokenizerSettings.model_validate(options))
        tokens = list(tokenizer.tokenize(TEXTS))
        assert list(tokenizer.flat(TEXTS)) == list(tokenizer.flat(TEXTS)) == tokens


def test_cached_words_need_no_java(okt_of: MakeOkt) -> None:
    tokens = list(okt_of(TokenizerSettings()).tokenize(TEXTS))
    again = okt_of(TokenizerSettings())
    assert list(again.tokenize(TEXTS)) == tokens
    assert "_java" not in vars(again)


def test_threads_share_a_full_cache(okt_of: MakeOkt, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"{first}{second}" for first in "가나다라마바사아자차" for second in "고노도로모"]
    texts = [" ".join(words[row % 40 : row % 40 + 10]) for row in range(400)]
    expected = list(okt_of(TokenizerSettings()).tokenize(texts))
    monkeypatch.setattr(okt, "WORDS_IN_MEMORY", 25)
    monkeypatch.setattr(okt, "TEXTS_AT_ONCE", 1)
    shared = okt_of(TokenizerSettings())
    with ThreadPoolExecutor(4) as pool:
        for tokens in pool.map(lambda _: list(shared.tokenize(texts)), range(8)):
            assert tokens == expected


def test_each_combination_of_options_has_its_own_cache(okt_of: MakeOkt, tmp_path: Path) -> None:
    for options in (TokenizerSettings(), TokenizerSettings(stem=True)):
        okt_of(options).tokenize(TEXTS)
    assert len(list(tmp_path.glob("*.db"))) == 2


def test_the_cache_evicts_the_oldest_words(tmp_path: Path) -> None:
    memo = WordMemo(tmp_path / "okt.db", max_words=3)
    memo.put({word: word for word in "가나다"})
    memo.put({"나": "not this", "라": "라"})
    assert memo.get("가나다라마") == {"나": "나", "다": "다", "라": "라"}
    memo.close()


@pytest.mark.parametrize("damage", ["no database", "pages of zeros", "empty", "other columns"])
def test_a_damaged_cache_is_recreated(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "okt.db"
    memo = WordMemo(path, 10_000)
    memo.put({f"낱말{index}": "x" * 100 for index in range(5_000)})
    memo.close()
    whole = path.read_bytes()
    if damage == "other columns":
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE words (other TEXT)")
        connection.close()
    else:
        path.write_bytes(
            {
                "no database": b"\x89PNG" * 1000,
                "pages of zeros": whole[:4096] + bytes(len(whole) - 4096),
                "empty": b"",
            }[damage]
        )
    memo = WordMemo(path, 10_000)
    memo.get(["낱말1"])
    memo.put({"낱말1": "다시"})
    assert memo.get(["낱말1"]) == {"낱말1": "다시"}
    memo.close()


def test_a_small_cache_is_read_whole_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MANY_WORDS", 2)
    memo = WordMemo(tmp_path / "okt.db", max_words=100)
    memo.put({word: word.upper() for word in "abcdefghijklmnopqrstuvwxyz"})
    assert memo.get("ab!") == {"a": "A", "b": "B"}
    assert memo.whole(2) == ([], []), "looking up two of 26 words is faster"
    assert memo.whole(1) == ([], []), "a small call never reads it"
    words, lines = memo.whole(5)
    assert words == list("abcdefghijklmnopqrstuvwxyz")
    assert lines == lines_of(word.upper() for word in words)
    assert memo.whole(5) == ([], []), "it was read before"
    memo.close()


def _put(path: Path, first: int) -> None:
    memo = WordMemo(path, 100_000)
    for start in range(first, first + 2_000, 50):
        memo.put({f"낱말{index}": str(index) for index in range(start, start + 50)})
    memo.close()


def test_processes_share_a_cache(tmp_path: Path) -> None:
    path = tmp_path / "okt.db"
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=_put, args=(path, first)) for first in (0, 1_000)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0]
    memo = WordMemo(path, 100_000)
    assert len(memo.get([f"낱말{index}" for index in range(3_000)])) == 3_000
    memo.close()
