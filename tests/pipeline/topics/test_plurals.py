"""Plural and honorific forms of a noun are one topic; words that only look like them are not."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.settings.tag_sets import TaggerName
from pipeline.topics import extraction
from pipeline.topics.extraction import find_topics
from pipeline.topics.nouns import NounFinder
from pipeline.topics.words import find_words
from tests.pipeline.topics.made_up import documents, tagger

PEOPLE = ("직원", "관리자", "기사", "배우", "사장")


def finder(texts: list[str], name: TaggerName, memo: Path) -> NounFinder:
    words = find_words(texts)
    return NounFinder(words.types, words.counts, tagger(name, memo)(words.types), name, set())


@pytest.mark.parametrize("name", ["okt", "mecab"])
@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("직원들", "직원"),
        ("직원분들이", "직원"),
        ("직원분은", "직원"),
        ("관리자분들께서", "관리자"),
        ("배우들의", "배우"),
        ("기사님들도", "기사님"),
        ("사장님들이", "사장님"),
        ("메뉴들이", "메뉴"),
    ],
)
def test_suffixes_of_people_and_plurals_are_removed(
    word: str, noun: str, name: TaggerName, tmp_path: Path
) -> None:
    texts = [f"{one} {one}님" for one in PEOPLE]
    found = finder([*texts, "메뉴", word], name, tmp_path)
    assert [piece.noun for piece in found.pieces(word)] == [noun]


@pytest.mark.parametrize("name", ["okt", "mecab"])
@pytest.mark.parametrize(
    "word", ["영양분", "성분", "부분", "기분", "화분", "아들", "손님", "동네", "그네"]
)
def test_words_that_only_look_like_it_are_kept(word: str, name: TaggerName, tmp_path: Path) -> None:
    texts = [word, f"{word}이", f"{word}도", f"{word}의", "영양 성 부 아 동 그 손"]
    assert [piece.noun for piece in finder(texts, name, tmp_path).pieces(word)] == [word]


def test_what_was_sold_is_no_person(tmp_path: Path) -> None:
    words = ["판매", "판매가", "판매를", "판매의", "판매분", "판매분이", "판매분을", "판매분에"]
    assert [piece.noun for piece in finder(words, "okt", tmp_path).pieces("판매분이")] == ["판매분"]
    people = [*words, "판매들"]
    assert [piece.noun for piece in finder(people, "okt", tmp_path).pieces("판매분이")] == ["판매"]


@pytest.mark.parametrize("name", ["okt", "mecab"])
def test_the_staff_is_one_topic_in_few_reviews(name: TaggerName, tmp_path: Path) -> None:
    forms = ["직원이", "직원", "직원들이", "직원들도", "직원들은", "직원분들이", "직원분들은"]
    texts = [f"{form} 응대해 줬어요" for form in forms] + ["직원분들 응대가 좋아요"] * 5
    texts += ["사장님이 나와요", "사장님도 계세요", "사장이 나와요"]
    found = find_topics(documents(texts), tagger(name, tmp_path), name)
    counted = dict(zip(found.found.names, np.bincount(found.found.ids).tolist(), strict=True))
    assert counted["직원"] == 12
    assert counted["사장님"] == 3
    assert not {"직원들", "직원분들", "사장"} & set(counted)


def test_forms_with_and_without_a_suffix_count_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "MOST_TERMS", 1)
    texts = ["매니저가 왔어요", "매니저님이 왔어요", "매니저님은 갔어요"] * 2 + [
        "커튼이 있어요"
    ] * 5
    found = find_topics(documents(texts), tagger("okt", tmp_path), "okt")
    assert found.found.names == ["매니저님"]
    assert len(found.found.ids) == 6
