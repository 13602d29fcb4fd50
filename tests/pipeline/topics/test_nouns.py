"""Nouns come out whole, whatever tagger a run uses."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from pipeline.settings.tag_sets import TaggerName
from pipeline.tokenizer.base import Tagged
from pipeline.tokenizer.factory import close_shared
from pipeline.topics.extraction import find_topics
from pipeline.topics.nouns import NounFinder
from pipeline.topics.particles import Tail, cuts
from tests.pipeline.topics.made_up import TOPICS, apartment_texts, documents, tagger


@pytest.fixture(scope="module", autouse=True)
def room() -> Iterator[None]:
    """All taggers together fill Java's heap; its garbage collector would be busy ever after."""
    yield
    close_shared()


@pytest.mark.parametrize("name", get_args(TaggerName))
def test_topics_come_out_whole(name: TaggerName, tmp_path: Path) -> None:
    found = find_topics(documents(apartment_texts()), tagger(name, tmp_path), name)
    shown = {topic.replace(" ", "") for topic in found.found.names}
    assert {topic.replace(" ", "") for topic in TOPICS} <= shown
    assert not shown & {"아파트", "최고", "정말", "만족", "불편", "별로", "체크", "층간", "자리"}


def test_spacings_are_one_topic(tmp_path: Path) -> None:
    found = find_topics(documents(apartment_texts()), tagger(memo=tmp_path), "okt")
    names = [name.replace(" ", "") for name in found.found.names]
    assert names.count("주차자리") == names.count("유심배송") == 1
    place = names.index("주차자리")
    assert {found.found.names[place], *found.variants[place]} == {"주차 자리", "주차자리"}
    assert np.count_nonzero(found.found.ids == place) == 60


@pytest.mark.parametrize(
    ("word", "cut", "kind"),
    [
        ("주차가", ("주차", "가"), Tail.CASE),
        ("소음이", ("소음", "이"), Tail.CASE),
        ("최고예요", ("최고", "예요"), Tail.COPULA),
        ("추천합니다", ("추천", "합니다"), Tail.VERBAL),
        ("지하철로", ("지하철", "로"), Tail.CASE),
        ("관리비", ("관리비", ""), Tail.BARE),
    ],
)
def test_words_are_cut_into_noun_and_ending(word: str, cut: tuple[str, str], kind: Tail) -> None:
    assert (*cut, kind) in set(cuts(word))


@pytest.mark.parametrize(("word", "noun"), [("소음가", "소음"), ("주차이", "주차")])
def test_an_ending_must_fit_the_noun(word: str, noun: str) -> None:
    assert noun not in {one for one, _, kind in cuts(word) if kind is Tail.CASE}


def finder(words: Sequence[str], tags: dict[str, list[Tagged]], single: set[str]) -> NounFinder:
    tagged = [tags.get(word, [(word, "Noun")]) for word in words]
    return NounFinder(words, np.full(len(words), 5), tagged, "okt", single)


def test_endings_prove_a_noun_that_the_tagger_cuts_in_two() -> None:
    tags: dict[str, list[Tagged]] = {
        "체크인이": [("체크", "Noun"), ("인", "Suffix"), ("이", "Josa")]
    }
    found = finder(["체크인", "체크인이", "체크인을", "체크인은"], tags, set())
    assert found.nouns == {"체크인"}
    assert [piece.noun for piece in found.pieces("체크인이")] == ["체크인"]


def test_the_tagger_has_a_veto() -> None:
    words = ["좋은데", "좋은데이", "좋은데가", "좋은데를"]
    tags: dict[str, list[Tagged]] = {word: [(word, "Adjective")] for word in words}
    assert not finder(words, tags, set()).nouns


def test_a_noun_of_one_syllable_must_begin_its_word() -> None:
    words = ["차", "차가", "차를", "차에", "22년차가"]
    tags: dict[str, list[Tagged]] = {
        "22년차가": [("22년", "Number"), ("차", "Noun"), ("가", "Josa")]
    }
    found = finder(words, tags, {"차"})
    assert [piece.noun for piece in found.pieces("차가")] == ["차"]
    assert not found.pieces("22년차가")


@pytest.mark.parametrize(("word", "unit"), [("1점도", "점도"), ("2주차에", "주차")])
def test_what_follows_a_digit_is_a_unit(word: str, unit: str) -> None:
    digit, rest = word[0], word[1 + len(unit) :]
    pieces: list[Tagged] = [(digit, "Number"), (unit, "Noun"), *([(rest, "Josa")] if rest else [])]
    found = finder([word], {word: pieces}, set())
    assert not found.pieces(word)


@pytest.mark.parametrize(
    ("texts", "is_topic"),
    [
        (["쓰레기 영화", "쓰레기가 따로 없다", "이런 쓰레기", "쓰레기 봤네"], False),
        (["쓰레기 수거가 늦어요", "쓰레기를 복도에 둬요", "쓰레기 버리는 곳", "쓰레기통"], True),
    ],
)
def test_slang_is_a_topic_unless_it_is_a_verdict(
    texts: list[str], is_topic: bool, tmp_path: Path
) -> None:
    found = find_topics(documents(texts * 10), tagger(memo=tmp_path), "okt")
    assert ("쓰레기" in found.found.names) == is_topic
