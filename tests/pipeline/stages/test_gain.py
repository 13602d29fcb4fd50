"""A champion is compared by answers to reviews that it had not learnt from."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.predict.predictor import Predictor
from pipeline.prepare.tested import UnderTest
from pipeline.stages.gain import fair_answers
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

TEXTS = ["정말 좋아요", "정말 싫어요", "만족합니다 추천해요"]
THEN = [0.25, 0.75]
"""Answers of the champion's cross-validation, unlike its own."""


def recorded(workspace: Workspace, folds: int) -> Manifest:
    """What the champion answered to the first two texts."""
    folder = workspace.folder("metrics", "then")
    (folder / names.METRICS).write_text(json.dumps({"folds": folds}), encoding="utf-8")
    table = {"id": ["0", "1"], "text": TEXTS[:2], "network_probability": THEN}
    table["network_label"] = ["negative", "positive"]
    pq.write_table(pa.table(table), folder / names.TEST_TABLE)
    files = [names.METRICS, names.TEST_TABLE]
    return workspace.finish("metrics", "then", files, 2, {})


def under_test(folds: list[int] | None) -> UnderTest:
    labels = np.array([1, 0, 1], np.float32)
    numbers = None if folds is None else np.array(folds)
    return UnderTest(["0", "1", "2"], TEXTS, [""] * 3, labels, numbers)


@pytest.fixture
def champion(small_model: Manifest, workspace: Workspace) -> Predictor:
    return Predictor(small_model, workspace.memo_folder)


def test_of_a_cross_validated_champion_its_answers_of_then_count(
    champion: Predictor, workspace: Workspace
) -> None:
    own = champion.predict(TEXTS)
    for folds in ([0, 1, 2], None):
        answers, rows = fair_answers(champion, recorded(workspace, 5), under_test(folds))
        assert answers.tolist() == [*THEN, own[2]]
        assert rows.all()


def test_of_a_champion_with_a_test_split_its_test_reviews_count(
    champion: Predictor, workspace: Workspace
) -> None:
    own, known = champion.predict(TEXTS), recorded(workspace, 0)
    answers, rows = fair_answers(champion, known, under_test([0, 1, 2]))
    assert np.array_equal(answers, own)
    assert rows.tolist() == [True, True, False]
    answers, rows = fair_answers(champion, known, under_test(None))
    assert np.array_equal(answers, own)
    assert rows.all()


def test_without_a_record_all_answers_count(champion: Predictor) -> None:
    answers, rows = fair_answers(champion, None, under_test([0, 1, 2]))
    assert np.array_equal(answers, champion.predict(TEXTS))
    assert rows.all()
