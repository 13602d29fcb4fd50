"""Hashed n-grams against plain loops."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.starter.hashing import LONGEST_TEXT, SIZES, counts, occurrences

BITS = 20
TEXTS = st.lists(st.text(max_size=12), max_size=6)


def ngrams(text: str) -> list[str]:
    return [text[i : i + size] for size in SIZES for i in range(len(text) - size + 1)]


@given(TEXTS)
def test_equal_ngrams_share_a_bucket(texts: list[str]) -> None:
    found = occurrences(texts, BITS)
    joined = "".join(texts)
    bucket_of: dict[str, int] = {}
    for begin, size, bucket in zip(found.begins, found.sizes, found.buckets, strict=True):
        ngram = joined[begin : begin + size]
        assert bucket_of.setdefault(ngram, int(bucket)) == bucket
    assert Counter(found.rows.tolist()) == Counter(
        {row: len(ngrams(text)) for row, text in enumerate(texts) if text}
    )


@given(TEXTS)
def test_counts_do_not_depend_on_the_other_texts(texts: list[str]) -> None:
    together = counts(texts, BITS)
    assert together.offsets[-1] == len(together.buckets)
    for row, text in enumerate(texts):
        alone = counts([text], BITS)
        own = slice(*together.offsets[row : row + 2])
        assert np.array_equal(together.buckets[own], alone.buckets)
        assert np.array_equal(together.counts[own], alone.counts)
        assert alone.counts.sum() == len(ngrams(text))
        assert len(alone.counts) <= len(set(ngrams(text)))  # two n-grams may share a bucket


def test_different_ngrams_rarely_share_a_bucket() -> None:
    letters = [chr(code) for code in range(ord("가"), ord("가") + 11_172)]
    buckets = [counts([letter], BITS).buckets[0] for letter in letters[:3_000]]
    assert len(set(buckets)) > 2_980


def test_the_end_of_a_very_long_text_is_ignored() -> None:
    text = "가나다" * LONGEST_TEXT
    assert np.array_equal(counts([text], BITS).counts, counts([text[:LONGEST_TEXT]], BITS).counts)
