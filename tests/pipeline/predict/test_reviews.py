"""Incremental predictions of stored reviews."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.predict.reviews import predict_reviews, read_predictions
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.target.base import Target
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.target.three import Three


class Asked:
    """A predictor that records its texts; positivity grows with their length."""

    target = BINARY

    def __init__(self) -> None:
        self.texts: list[str] = []

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return np.array([min(1.0, len(text) / 10) for text in texts])

    def is_blank(self, text: str) -> bool:
        return not clean(text, CleanSettings())


def write_reviews(path: Path, texts: dict[str, str]) -> None:
    defaults: dict[str, Any] = dict.fromkeys(REVIEWS_SCHEMA.names, "") | {
        "rating": None, "label": None, "held_out": False, "by_hand": False, "group_name": "단지",
    }  # fmt: skip
    rows = [defaults | {"review_id": name, "text": text} for name, text in texts.items()]
    pq.write_table(pa.Table.from_pylist(rows, schema=REVIEWS_SCHEMA), path)


def test_only_new_and_changed_reviews_are_predicted(tmp_path: Path) -> None:
    reviews, output, predictor = tmp_path / "reviews.parquet", tmp_path / "out.parquet", Asked()
    write_reviews(reviews, {"a": "좋아요 정말 좋아요", "b": "별로", "c": "<br>"})
    found = predict_reviews(reviews, output, predictor)  # type: ignore[arg-type]
    assert (found["rows"], found["new"]) == (3, 2)
    assert [one["text"] for one in found["worst"]] == ["별로", "좋아요 정말 좋아요"]
    assert found["negative"] == 1
    write_reviews(reviews, {"a": "좋아요 정말 좋아요", "b": "별로였다가 좋아짐", "d": "최고"})
    predictor.texts.clear()
    found = predict_reviews(reviews, output, predictor)  # type: ignore[arg-type]
    assert predictor.texts == ["별로였다가 좋아짐", "최고"]
    table = pq.read_table(output).to_pylist()
    assert [row["review_id"] for row in table] == ["a", "b", "d"]
    assert [row["label"] for row in table] == ["positive", "positive", "negative"]
    assert all(row["predicted"] for row in table)
    found = predict_reviews(reviews, output, predictor)  # type: ignore[arg-type]
    assert (found["new"], found["negative"], found["worst"]) == (0, 0, [])


def test_reviews_are_negative_by_the_threshold_of_the_model(tmp_path: Path) -> None:
    reviews, predictor = tmp_path / "reviews.parquet", Asked()
    predictor.target = Binary(threshold=0.8)
    write_reviews(reviews, {"a": "일곱자 리뷰요", "b": "열 글자가 넘는 긴 리뷰"})
    found = predict_reviews(reviews, tmp_path / "out.parquet", predictor)  # type: ignore[arg-type]
    assert found["negative"] == 1
    assert [one["positive"] >= 0.5 for one in found["worst"]] == [False, True]


def test_a_source_without_reviews_gives_an_empty_table(tmp_path: Path) -> None:
    write_reviews(tmp_path / "reviews.parquet", {})
    found = predict_reviews(tmp_path / "reviews.parquet", tmp_path / "out.parquet", Asked())  # type: ignore[arg-type]
    assert (found["rows"], found["new"]) == (0, 0)
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("target", "outputs"),
    [
        (Binary(threshold=0.8), 1),
        (Three(decision_weights=(2, 1, 1)), 3),
        (Score(lowest=1, highest=10), 1),
    ],
)
def test_predictions_are_read_back_as_the_model_gave_them(
    tmp_path: Path, target: Target, outputs: int
) -> None:
    given = np.random.default_rng(0).dirichlet([1] * 3, 3)[:, :outputs].squeeze()

    class Given(Asked):
        def predict(self, texts: Sequence[str]) -> np.ndarray:
            return given

    predictor = Given()
    predictor.target = target  # type: ignore[assignment]
    reviews, output = tmp_path / "reviews.parquet", tmp_path / "out.parquet"
    write_reviews(reviews, {"a": "좋아요", "blank": "<br>", "b": "별로", "c": "최고"})
    predict_reviews(reviews, output, predictor)  # type: ignore[arg-type]
    predicted, is_known = read_predictions(output, target)
    assert is_known.tolist() == [True, False, True, True]
    assert predicted == pytest.approx(given, abs=1e-12)
    assert predicted.shape == given.shape
