"""The table of n-grams gives the features of scikit-learn, bit by bit."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RunError
from pipeline.model import ngram_frequencies, ngram_table
from pipeline.model.jamo import decompose
from pipeline.model.ngram_features import MARK, documents, new_vectorizer
from pipeline.model.ngram_table import NgramTable, Places
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings

TEXTS = [
    *("교통이 편해요 편해요", "조용하고  좋아요", "관리가 잘 돼요 ㅋㅋㅋㅋ", "A/S İSTANBUL ΟΔΟΣ"),
    *("주차가 불편해요 😢", "시끄럽고 싫어요", "관리가 안 돼요 ㅋㅋ", "", "좋아요 " * 3_000),
]


def check(
    known: Sequence[str],
    texts: Sequence[str],
    known_tokens: Sequence[Sequence[str]] | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
) -> None:
    """Compare the features of texts with those of a vectorizer that is fitted to known ones."""
    vectorizer = new_vectorizer()
    vectorizer.fit(documents(known, known_tokens))
    ngrams = vectorizer.get_feature_names_out().tolist()
    expected = vectorizer.transform(documents(texts, tokens))
    expected.sort_indices()
    found = NgramTable.of(ngrams, vectorizer.idf_).transform(texts, tokens)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype == np.float32
    assert np.array_equal(found.indptr, expected.indptr)
    assert np.array_equal(found.indices, expected.indices)
    assert np.array_equal(found.data, expected.data)


def check_fit(
    texts: Sequence[str], tokens: Sequence[Sequence[str]] | None = None, min_texts: int = 1
) -> None:
    """Compare a table that is fitted to texts with a fitted vectorizer."""
    vectorizer = new_vectorizer(min_df=min_texts)
    expected = vectorizer.fit_transform(documents(texts, tokens))
    known = NgramTable.of(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_)
    table, found = NgramTable.fit(texts, None if tokens is None else iter(tokens), min_texts)
    assert np.array_equal(table.hashes, known.hashes)
    assert np.array_equal(table.idf, known.idf[known.columns])
    expected = expected[:, known.columns]
    expected.sort_indices()
    assert found.dtype == np.float64
    assert np.array_equal(found.indptr, expected.indptr)
    assert np.array_equal(found.indices, expected.indices)
    assert np.array_equal(found.data, expected.data)


def words(texts: Sequence[str]) -> list[list[str]]:
    return [text.split() for text in texts]


def test_features_equal_those_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram_table, "MOST_AT_ONCE", 2)
    for texts in (TEXTS, TEXTS[::-1], ["처음 보는 글", "\ud800"]):
        check(TEXTS, texts)
        check(TEXTS, texts, words(TEXTS), words(texts))
        check(decompose(TEXTS), decompose(texts))


def test_a_table_has_the_ngrams_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram_table, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(ngram_frequencies, "MERGED_AT_ONCE", 50)
    for min_texts in (1, 2):
        check_fit(TEXTS, None, min_texts)
        check_fit(TEXTS, words(TEXTS), min_texts)


def test_no_ngram_is_frequent_enough() -> None:
    table, features = NgramTable.fit(["가", "나"], None, 2)
    assert (len(table), features.shape) == (0, (2, 0))
    assert NgramTable.fit([], None, 1)[1].shape == (0, 0)


free_texts = st.lists(st.text().map(lambda text: text.replace(MARK, " ")), min_size=1)


@given(known=free_texts, texts=free_texts)
def test_features_of_any_texts(known: list[str], texts: list[str]) -> None:
    known = ["x", *known]  # a vectorizer needs an n-gram
    check(known, texts)
    check(known, texts, words(known), words(texts))
    check(decompose(known), decompose(texts))
    check_fit(known)
    check_fit(known, words(known))


def test_features_of_real_reviews(movies: Path) -> None:
    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t")[1] for line in file][1:6_001]
    texts = [clean(text, CleanSettings()) for text in rows]
    check(texts[:3_000], texts, words(texts[:3_000]), words(texts))
    check_fit(texts, words(texts), 2)


def test_two_ngrams_of_one_hash_are_refused() -> None:
    with pytest.raises(RunError, match="two n-grams have the same hash"):
        NgramTable.of(["가", "나", "가"], np.ones(3, np.float32))


def test_a_table_without_ngrams() -> None:
    table = NgramTable.of([], np.zeros(0, np.float32))
    assert table.transform(["가"], [["가"]]).shape == (1, 0)
    assert table.character_places(["가나"]).columns.tolist() == []


def listed(places: Places) -> list[tuple[int, ...]]:
    return list(zip(*(part.tolist() for part in places), strict=True))


def test_places_of_ngrams_in_texts() -> None:
    ngrams = ["가", "가나", f"{MARK}가", f"{MARK}나{MARK}가"]
    table = NgramTable.of(ngrams, np.ones(4, np.float32))
    assert listed(table.character_places(["가나가", "", "나가"])) == [
        *((0, 0, 0, 1), (0, 0, 2, 1), (2, 0, 1, 1)),
        (0, 1, 0, 2),
    ]
    assert listed(table.token_places([["나"], ["가", "나", "가"]])) == [
        *((1, 2, 0, 1), (1, 2, 2, 1)),
        (1, 3, 1, 2),
    ]


def test_models_with_a_list_of_ngrams_still_load(tmp_path: Path) -> None:
    texts = [text for text in TEXTS[:7] if text] * 2
    tokens = words(texts)
    regression = NgramRegression.fit(texts, [1, 1, 1, 1, 0, 0, 0] * 2, tokens=tokens)
    vectorizer = new_vectorizer(min_df=2)
    vectorizer.fit(documents(texts, tokens))
    ngrams = vectorizer.get_feature_names_out().tolist()
    table = NgramTable.of(ngrams, vectorizer.idf_)
    coefficients = np.zeros_like(regression.coefficients)
    coefficients[table.columns] = regression.coefficients
    (tmp_path / "ngrams.json").write_text(json.dumps(ngrams, ensure_ascii=False), encoding="utf-8")
    np.savez(
        tmp_path / "ngrams.npz",
        idf=vectorizer.idf_.astype(np.float32),
        coefficients=coefficients,
        intercept=regression.intercept,
    )
    loaded = NgramRegression.load(tmp_path)
    in_order = replace(regression, ngrams=table, coefficients=coefficients)
    before, after = (one.logits(one.features(TEXTS, words(TEXTS))) for one in (in_order, loaded))
    assert np.array_equal(before, after)
