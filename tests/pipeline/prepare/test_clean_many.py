"""Cleaning many texts at once gives what cleaning them one by one gives."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prepare import clean_many
from pipeline.prepare.clean import clean
from pipeline.prepare.clean_many import clean_all
from pipeline.settings import CleanSettings

SETTINGS = [
    CleanSettings(),
    CleanSettings(max_repeat=1, urls="keep"),
    CleanSettings(max_repeat=3, digits="zero"),
]
NOISE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "좋아요",
                "ㅋㅋ",
                "ㅋㅋㅋ",
                "하하하",
                "1000",
                "  ",
                " ",
                "\n",
                "!!",
                "...",
                "😀",
                "aaa",
            ]
        ),
        st.sampled_from(["www.a.kr", "http://a", "<br>", "&lt;", "가\u11a8", "e\u0301", "\u200b"]),
        st.characters(),
    ),
    max_size=6,
).map("".join)


@pytest.mark.parametrize("options", SETTINGS)
@given(texts=st.lists(NOISE, max_size=12))
def test_many_texts_are_cleaned_as_one(options: CleanSettings, texts: list[str]) -> None:
    repeated = texts * (clean_many.MIN_TEXTS // max(1, len(texts)) + 1)
    assert clean_all(repeated, options) == [clean(text, options) for text in repeated]
    assert clean_all(texts, options) == [clean(text, options) for text in texts]


@pytest.mark.parametrize("options", SETTINGS)
def test_real_reviews(movies: Path, options: CleanSettings) -> None:
    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        texts = [line.rstrip("\n").split("\t")[1] for line in file][1:3_001]
    assert clean_all(texts, options) == [clean(text, options) for text in texts]
