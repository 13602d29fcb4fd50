"""Numbered tokens are the tokens of the texts, also where words are cached."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import token_codes
from pipeline.model.token_codes import TokenCodes
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.tokenizer.flat_tokens import FlatTokens
from pipeline.tokenizer.okt_words import UNKNOWN, TaggedWords, lines_of

TOKENS = st.sampled_from(["좋", "아요", "정말", "<pad>", "😀", "\ud800"])
TEXTS = st.lists(st.lists(TOKENS, max_size=6), max_size=8)


@given(texts=TEXTS)
def test_tokens_are_numbered(texts: list[list[str]]) -> None:
    flat = FlatTokens.of(texts)
    assert list(flat) == texts
    assert len(flat) == len(texts)
    assert len(set(flat.distinct)) == len(flat.distinct)


LEFT_OUT = "정말"


@given(words=st.dictionaries(st.text(max_size=3), st.lists(TOKENS, max_size=3)), data=st.data())
def test_words_are_joined(words: dict[str, list[str]], data: st.DataObject) -> None:
    def token_of(line: str) -> str | None:
        token, _, tag = line.rpartition("/")
        return token if tag and token != LEFT_OUT else None

    known = TaggedWords(token_of)
    for part in (list(words)[::2], list(words)[1::2]):
        assert (known.find(part) == UNKNOWN).all()
        entries = ["\n".join(f"{token}/Noun" for token in words[word]) for word in part]
        known.add(part, lines_of(entries))
    some = st.lists(st.sampled_from(sorted(words)), max_size=5) if words else st.just([])
    texts = data.draw(st.lists(some, max_size=5))
    numbers = known.find([word for text in texts for word in text])
    joined = known.join(numbers, np.array([len(text) for text in texts], np.int64))
    assert list(joined) == [
        [token for word in text for token in words[word] if token != LEFT_OUT] for text in texts
    ]
    assert len(set(joined.distinct)) == len(joined.distinct)


@given(texts=TEXTS)
def test_sequences_of_numbered_tokens(texts: list[list[str]]) -> None:
    vocabulary = Vocabulary({"정말": 3, "좋": 2})
    expected = Sequences.encode(texts, vocabulary, 4)
    found = Sequences.of(FlatTokens.of(texts), vocabulary, 4)
    assert found.flat.dtype == expected.flat.dtype == np.int32
    assert np.array_equal(found.flat, expected.flat)
    assert np.array_equal(found.offsets, expected.offsets)


@pytest.mark.parametrize("longest", [2, 100])
@given(texts=TEXTS)
def test_codes_of_numbered_tokens(longest: int, texts: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(token_codes, "LONGEST_TEXT", longest)
        codes = TokenCodes()
        first = min(3, len(texts))
        sizes = [first, 0, len(texts) - first]
        found = list(codes.in_parts(FlatTokens.of(texts), sizes))
        expected = list(codes.in_parts(texts, sizes))
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(one[1], other[1])
