"""The starter before anything is trained."""

from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.predict import starter
from pipeline.predict.adaptation import FEWEST_TEXTS, adapt
from pipeline.predict.starter import StarterPredictor
from pipeline.starter.starter import Starter

PRAISE = ["친절하고 깨끗해요", "정말 만족합니다", "또 오고 싶은 곳이에요", "추천해요 최고예요"]
COMPLAINTS = [
    "불친절하고 더러워요",
    "정말 실망입니다",
    "다시는 안 가요",
    "최악이에요 환불해 주세요",
]


def table(rows: int) -> list[str]:
    """Complaints name the squeaking of a made-up product, which no film review knows."""
    return [
        f"{PRAISE[row % 4]} 뽀득함 최상급 {row}"
        if row % 3
        else f"{COMPLAINTS[row % 4]} 삐걱삐걱 {row}"
        for row in range(rows)
    ]


def test_it_learns_the_words_of_the_industry_from_the_texts_alone() -> None:
    texts = [*table(600), "삐걱삐걱", "뽀득함 최상급"]
    own, adapted = Starter.load().logits(texts)[-2:], adapt(texts).logits[-2:]
    assert adapted[0] < 0 < adapted[1]
    assert adapted[1] - adapted[0] > 1.5 * (own[1] - own[0])


def test_few_texts_are_answered_by_what_it_knows() -> None:
    texts = table(FEWEST_TEXTS - 1)
    assert np.array_equal(adapt(texts).logits, Starter.load().logits(texts))
    assert adapt([]).logits.shape == (0,)


def test_a_table_gets_an_answer_in_each_row() -> None:
    predictor = StarterPredictor()
    texts = [*table(300), "", "http://a.b/c", table(300)[0]]
    (first, last) = predictor.answer([texts[:150], texts[150:]])
    answers = [*first, *last]
    assert len(answers) == len(texts)
    assert answers[300] == answers[301] == {"label": None, "probability": None}
    assert answers[302] == answers[0]
    labels = [one["label"] for one in answers[:300]]
    expected = ["positive" if row % 3 else "negative" for row in range(300)]
    assert np.mean([one == two for one, two in zip(labels, expected, strict=True)]) > 0.95


def test_blank_rows_change_no_answer() -> None:
    texts = table(300)
    (alone,) = StarterPredictor().answer([texts])
    (beside,) = StarterPredictor().answer([[*texts, *("http://a.b/c", "<br>") * 50]])
    assert beside[:300] == alone


def test_texts_without_any_contrast_are_answered() -> None:
    same = [f"좋아요 {number}" for number in range(FEWEST_TEXTS)]
    assert np.isfinite(adapt(same).logits).all()


@pytest.mark.parametrize("text", PRAISE + COMPLAINTS)
def test_single_texts(text: str) -> None:
    (answer,) = StarterPredictor().answers([text])
    assert answer["label"] == ("positive" if text in PRAISE else "negative")


def test_a_large_table_is_answered_by_what_its_first_texts_taught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starter, "MOST_TEXTS", 400)
    read = 0

    def chunks() -> Iterator[list[str]]:
        nonlocal read
        for begin in range(0, 3_000, 250):
            read += 1
            yield table(3_000)[begin : begin + 250]
            yield []  # rows without a text

    answered = StarterPredictor().answer(chunks())
    first = next(answered)
    assert read <= 2, "the rest is not held in memory"
    answers = [*first, *(one for chunk in answered for one in chunk)]
    expected = ["positive" if row % 3 else "negative" for row in range(3_000)]
    assert np.mean([one["label"] == two for one, two in zip(answers, expected, strict=True)]) > 0.95
