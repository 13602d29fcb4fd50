"""Texts as jamo."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.jamo import MIN_TEXTS, characters_of_jamo, decompose


@pytest.mark.parametrize(
    ("text", "whole", "characters"),
    [
        ("좋았 다", "좋았다", [0, 0, 0, 1, 1, 1, 3, 3]),
        ("A/S ㅋㅋ 👍", "A/Sㅋㅋ👍", [0, 1, 2, 4, 5, 7]),
        (" ", "", []),
        ("", "", []),
    ],
)
def test_letters_and_their_characters(text: str, whole: str, characters: list[int]) -> None:
    assert decompose([text]) == [unicodedata.normalize("NFD", whole)]
    assert characters_of_jamo(text).tolist() == characters


@given(st.text())
def test_each_letter_comes_from_one_character(text: str) -> None:
    (letters,) = decompose([text])
    characters = characters_of_jamo(text).tolist()
    assert len(characters) == len(letters) == len(letters.lower())
    for character, own in enumerate(decompose(text)):
        assert characters.count(character) == len(own)


@given(st.lists(st.text()))
def test_many_texts_are_decomposed_as_one_by_one(texts: list[str]) -> None:
    many = [*texts, *["좋았 다 \ud800 \x00"] * MIN_TEXTS]
    assert decompose(many) == [letters for text in many for letters in decompose([text])]
