"""Nouns that a tagger cuts come out whole, and without particles."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.settings.tag_sets import TaggerName
from pipeline.tokenizer.base import Tagged
from pipeline.topics.cut_words import join_cut_words
from pipeline.topics.endings import Endings
from pipeline.topics.extraction import find_topics
from tests.pipeline.topics.made_up import documents, tagger


def joined(words: Sequence[str], proven: set[str] | None = None) -> list[str]:
    """The tokens of words that are written with a tag after each token: 가성/Noun+비/Noun."""
    tagged: list[list[Tagged]] = [
        [(token, tag) for token, _, tag in (one.partition("/") for one in word.split("+"))]
        for word in words
    ]
    found = join_cut_words(
        tagged, [1] * len(words), proven or set(), lambda token, tag: tag == "Noun"
    )
    return ["+".join(token for token, _ in tokens) for tokens in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["가성/Noun+비/Noun"] * 4 + ["가성/Noun+비는/Verb"], ["가성비"] * 4 + ["가성비+는"]),
        (["더/Adverb+빙판/Noun+이/Josa"] * 3, ["더빙판+이"] * 3),
        (["뚜레/Noun+쥬/Noun+르/Noun+에/Josa"] * 3, ["뚜레쥬르+에"] * 3),
        (
            ["리조/Noun+또/Adverb"] * 3 + ["리조/Noun+토/Noun"] * 2 + ["리조/Noun+또는/Adverb"],
            ["리조또"] * 3 + ["리조토"] * 2 + ["리조또+는"],
        ),
    ],
)
def test_pieces_that_never_occur_alone_are_joined(words: list[str], found: list[str]) -> None:
    assert joined(words) == found


@pytest.mark.parametrize(
    "words",
    [
        ["가성/Noun+비/Noun"] * 2,
        ["감자/Noun+탕/Noun", "감자/Noun+튀김/Noun", "감자/Noun", "감자/Noun+칩/Noun"],
        ["직원/Noun+들/Suffix", "직원/Noun+분/Suffix", "직원/Noun"],
        ["물/Noun+이/Josa"] * 5,
        ["번거/Noun+롭다/Adjective"] * 5,
        ["1/Number+점도/Noun"] * 5,
        ["이중/Noun+주차/Noun"] * 3 + ["주차/Noun"] * 5,
    ],
)
def test_other_tokens_stay_apart(words: list[str]) -> None:
    assert joined(words) == ["+".join(one.split("/")[0] for one in w.split("+")) for w in words]


def test_proven_nouns_are_not_joined() -> None:
    words = ["하수구/Noun+냄새/Noun"] * 5
    assert joined(words) == ["하수구냄새"] * 5
    assert joined(words, {"냄새"}) == ["하수구+냄새"] * 5
    assert joined(words, {"하수구", "냄새"}) == ["하수구+냄새"] * 5


@pytest.mark.parametrize(
    ("noun", "particle", "is_inflected"),
    [("물", "이", True), ("맛", "과", True), ("문", "의", False), ("길", "이", False)],
)
def test_a_noun_with_a_particle_has_no_endings_and_is_not_too_frequent(
    noun: str, particle: str, is_inflected: bool
) -> None:
    counts = {"물": 20, "물이": 9, "물을": 9, "맛": 20, "맛을": 9, "맛과": 2, "문": 3, "문이": 3}
    counts |= {
        "문의": 9,
        "길": 9,
        "길이": 3,
        "길이가": 2,
        "길을": 9,
        "집": 30,
        "집과": 2,
        "집의": 1,
    }
    endings = Endings(list(counts), list(counts.values()))
    endings.learn(["물", "맛", "집"])
    assert endings.is_inflected(noun, particle) == is_inflected


@pytest.mark.parametrize("name", ["okt", "mecab"])
def test_topics_are_whole_words(name: TaggerName, tmp_path: Path) -> None:
    """With few reviews, when no noun is proven; 540 real reviews had all of these topics cut."""
    texts = ["가성비가 좋아요", "가성비 최고", "여기 가성비 좋네요", "크림 리조또가 나와요"] * 2
    texts += [
        "리조또는 짜요",
        "맛과 양이 좋아요",
        "맛이 별로",
        "맛의 깊이가 있어요",
        "맛있어요",
    ] * 2
    texts += ["막상 가니 별로", "게다가 추천한 곳", "지점마다 달라요", "친구끼리 가야 해요"] * 3
    texts += ["주신 반찬이 많아요", "볼 수가 없어요", "커피는 추천한데 비싸요"] * 3
    found = find_topics(documents(texts), tagger(name, tmp_path), name)
    counted = dict(zip(found.found.names, np.bincount(found.found.ids).tolist(), strict=True))
    assert (counted["가성비"], counted["리조또"], counted["맛"]) == (6, 4, 6)
    wrong = "가성 리조 맛과 맛의 막상 게다가 마다 끼리 가야 주신 수가 한데 양이"
    assert not set(wrong.split()) & set(counted)


def test_a_word_that_looks_like_a_noun_with_a_particle_is_kept(tmp_path: Path) -> None:
    texts = [
        "문의를 했어요",
        "문의 답변이 늦어요",
        "문의했더니 친절",
        "문이 고장",
        "문을 열어요",
    ] * 3
    found = find_topics(documents(texts), tagger("okt", tmp_path), "okt")
    counted = dict(zip(found.found.names, np.bincount(found.found.ids).tolist(), strict=True))
    assert (counted["문의"], counted["문"]) == (9, 6)
