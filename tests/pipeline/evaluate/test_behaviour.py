"""Behaviour tests, run on predictors made by hand."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.evaluate.behaviour import holds, run
from pipeline.evaluate.behaviour_cases import CASES, Case
from pipeline.target.binary import Binary
from pipeline.target.three import Three


def all_alike(texts: Sequence[str]) -> np.ndarray:
    return np.full(len(texts), 0.7)


def test_there_are_enough_cases_of_each_kind_and_none_comes_twice() -> None:
    assert len(CASES) >= 100
    assert min(Counter(case.kind for case in CASES).values()) >= 15
    assert len({(case.text, case.changed) for case in CASES}) == len(CASES)
    assert all(case.text != case.changed for case in CASES)
    assert all(
        bool(case.changed) == (case.expected in ("rises", "falls", "same")) for case in CASES
    )


def test_a_model_that_always_says_the_same_fails_where_labels_differ() -> None:
    found = run(all_alike)
    assert found["total"] == len(CASES)
    assert found["passed"] == sum(kind["passed"] for kind in found["kinds"].values())
    for kind in ("intensity", "spelling", "neutral changes"):
        assert found["kinds"][kind]["failures"] == []
    failed = found["kinds"]["minimal pairs"]["failures"]
    assert {one["expected"] for one in failed} == {"negative"}
    assert len(failed) == found["kinds"]["minimal pairs"]["total"] / 2
    assert failed[0] == {
        "text": failed[0]["text"], "changed": "", "expected": "negative", "before": 0.7,
        "after": None,
    }  # fmt: skip


def test_the_threshold_of_the_model_decides_what_is_positive() -> None:
    failed = run(all_alike, Binary(threshold=0.8))["kinds"]["minimal pairs"]["failures"]
    assert {one["expected"] for one in failed} == {"positive"}
    three = run(
        lambda texts: np.tile([0.35, 0.2, 0.45], (len(texts), 1)),
        Three(decision_weights=(1, 1, 0.5)),
    )
    failed = three["kinds"]["minimal pairs"]["failures"]
    assert {one["expected"] for one in failed} == {"positive"}


def test_all_texts_are_predicted_at_once() -> None:
    calls = []

    def predict(texts: Sequence[str]) -> np.ndarray:
        calls.append(len(texts))
        return all_alike(texts)

    run(predict)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("expected", "before", "after", "does_hold"),
    [
        ("positive", 0.5, None, True),
        ("positive", 0.49, None, False),
        ("negative", 0.49, None, True),
        ("rises", 0.8, 0.9, True),
        ("rises", 0.8, 0.75, True),
        ("rises", 0.8, 0.65, False),
        ("falls", 0.2, 0.1, True),
        ("falls", 0.2, 0.35, False),
        ("same", 0.8, 0.85, True),
        ("same", 0.8, 0.65, False),
    ],
)
def test_an_expectation_holds(
    expected: str, before: float, after: float | None, does_hold: bool
) -> None:
    case = Case("kind", "글", expected, "" if after is None else "바뀐 글")  # type: ignore[arg-type]
    assert holds(case, before >= 0.5, before, after) is does_hold
