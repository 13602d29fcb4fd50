"""Test texts that come in the training texts too."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.leakage import seen_before

TRAINING = [
    "역까지 걸어서 오 분이고 조용해서 살기 좋아요",
    "주차장이 좁아서 저녁마다 자리를 찾느라 힘들어요",
    "좋아요",
    "엘리베이터가 자주 고장 나고 관리비가 비쌉니다",
]


def test_the_same_text_is_found_whatever_its_spaces_and_marks() -> None:
    same, near = seen_before(
        TRAINING, ["역까지걸어서 오 분이고, 조용해서 살기 좋아요!!!", "새 글입니다 처음 보는"]
    )
    assert same.tolist() == [True, False]
    assert not near.any()


def test_a_text_that_was_changed_a_little_is_nearly_the_same() -> None:
    same, near = seen_before(
        TRAINING, ["주차장이 좁아서 저녁마다 자리를 찾느라 힘들었", TRAINING[3][::-1]]
    )
    assert not same.any()
    assert near.tolist() == [True, False]


def test_short_praise_and_empty_texts_are_no_leak() -> None:
    same, near = seen_before([*TRAINING, "", "!!!"], ["좋아요", "", "???", "아주 좋아요"])
    assert not same.any()
    assert not near.any()


def test_without_training_or_test_texts_nothing_was_seen() -> None:
    assert not seen_before([], TRAINING)[0].any()
    assert len(seen_before(TRAINING, [])[0]) == 0


@given(st.lists(st.text(max_size=40), max_size=8), st.lists(st.text(max_size=40), max_size=8))
def test_any_texts_have_an_answer(training: list[str], test: list[str]) -> None:
    same, near = seen_before(training, test)
    assert same.shape == near.shape == (len(test),)
    assert not np.any(same & near)


def test_nearly_all_near_duplicates_among_many_texts_are_found() -> None:
    random = np.random.default_rng(1)
    syllables = np.array([chr(0xAC00 + 28 * n) for n in range(300)])
    training = ["".join(random.choice(syllables, 60)) for _ in range(2_000)]
    test = [text[:30] + "힣" + text[31:] for text in training[:500]]
    same, near = seen_before(
        training, [*test, *("".join(random.choice(syllables, 60)) for _ in range(500))]
    )
    assert not same.any()
    assert near[:500].mean() > 0.99
    assert not near[500:].any()
