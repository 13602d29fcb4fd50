"""A champion is compared by answers to reviews that it had not learnt from."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.predict.predictor import Predictor
from pipeline.prepare.tested import UnderTest
from pipeline.stages.gain import FEWEST, fair_answers, is_enough
from pipeline.storage.manifest import Manifest
from pipeline.storage.record import Record
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from pipeline.target.score import Score

LEARNT, NEW = ["정말 좋아요", "정말 싫어요"], "만족합니다 추천해요"
THEN = [0.25, 0.75]
"""Answers of the champion when it was tested, unlike its own."""


def recorded(
    workspace: Workspace, then: list[float | None], *, is_complete: bool = True
) -> Manifest:
    """The record of a champion that was tested on, or learnt from, the texts of ``LEARNT``."""
    table = {"id": ["0", "1"], "text": LEARNT, "network_label": [None, None]}
    table["network_label"] = [None if one is None else "negative" for one in then]
    columns = table | {"network_probability": pa.array(then, pa.float64())}
    return Record(pa.table(columns), is_complete).write(workspace, "then")


def under_test(*texts: str) -> UnderTest:
    """Reviews whose ids are not those of the record."""
    labels = np.arange(len(texts), dtype=np.float32) % 2
    ids = [f"other.csv:{number}" for number in range(len(texts))]
    return UnderTest(ids, list(texts), [""] * len(texts), labels, None)


@pytest.fixture
def champion(small_model: Manifest, workspace: Workspace) -> Predictor:
    return Predictor(small_model, workspace.memo_folder)


def test_recorded_answers_count_whatever_the_ids(champion: Predictor, workspace: Workspace) -> None:
    record = recorded(workspace, [*THEN])
    answers, rows = fair_answers(champion, record, under_test(*LEARNT[::-1], NEW))
    assert answers.tolist() == [*THEN[::-1], champion.predict([NEW])[0]]
    assert rows.all()


def test_what_a_champion_learnt_from_is_not_compared(
    champion: Predictor, workspace: Workspace
) -> None:
    record = recorded(workspace, [None, THEN[1]])
    answers, rows = fair_answers(champion, record, under_test(*LEARNT, NEW))
    assert rows.tolist() == [False, True, True]
    assert np.isnan(answers[0])
    assert answers[1:].tolist() == [THEN[1], champion.predict([NEW])[0]]


def test_a_text_that_is_cleaned_in_another_way_counts_as_learnt(
    champion: Predictor, workspace: Workspace
) -> None:
    record = recorded(workspace, [None, None])
    _, rows = fair_answers(champion, record, under_test("정말  좋아요요!", NEW))
    assert rows.tolist() == [False, True]


def test_after_a_purge_only_what_is_left_of_the_record_is_compared(
    champion: Predictor, workspace: Workspace
) -> None:
    record = recorded(workspace, [*THEN], is_complete=False)
    answers, rows = fair_answers(champion, record, under_test(LEARNT[1], NEW))
    assert rows.tolist() == [True, False]
    assert answers[0] == THEN[1]


# Was: without a record, all answers counted, those to the champion's own training reviews too.
def test_without_a_record_nothing_is_compared(champion: Predictor) -> None:
    _, rows = fair_answers(champion, None, under_test(*LEARNT))
    assert rows.tolist() == [False, False]


def test_recorded_ratings_count(small_score_model: Manifest, workspace: Workspace) -> None:
    champion = Predictor(small_score_model, workspace.memo_folder)
    columns = {"id": ["0", "1"], "text": LEARNT, "network_score": [2.0, None]}
    record = Record(pa.table(columns), is_complete=True).write(workspace, "then")
    answers, rows = fair_answers(champion, record, under_test(*LEARNT, NEW))
    assert rows.tolist() == [True, False, True]
    assert answers[rows].tolist() == [0.25, champion.predict([NEW])[0]]


@pytest.mark.parametrize(
    ("compared", "tested", "enough"),
    [(0, 0, False), (2, 2, True), (1, 2, False), (FEWEST - 1, 100, False), (FEWEST, 100, True)],
)
def test_a_few_reviews_are_enough_only_if_no_more_are_tested(
    compared: int, tested: int, enough: bool
) -> None:
    rows = np.arange(tested) < compared
    assert is_enough(rows, under_test(*[NEW] * tested), BINARY) is enough


def test_reviews_of_one_class_are_not_enough() -> None:
    tested = under_test(*[NEW] * 100)
    assert not is_enough(tested.labels == 1, tested, BINARY)
    assert is_enough(tested.labels == 1, tested, Score(lowest=1, highest=5))
