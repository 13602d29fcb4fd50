"""How far reviews differ from those before."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.spatial.distance import jensenshannon

from pipeline.evaluate.drift import divergence, drift, profile, stability_index
from pipeline.storage.schemas import EXAMPLES_SCHEMA, TOKENS_SCHEMA
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score


def described(
    folder: Path, texts: list[str], labels: list[float], target: Target
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"id": str(n), "group": "", "aspect": "", "text": text, "label": label, "split": "train"}
        for n, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    rows.append(rows[0] | {"text": "라벨 없음", "label": None, "split": "unlabeled"})
    pq.write_table(pa.Table.from_pylist(rows, EXAMPLES_SCHEMA), folder / "examples.parquet")
    tokens = pa.table([[row["text"].split() for row in rows]], schema=TOKENS_SCHEMA)
    pq.write_table(tokens, folder / "tokens.parquet")
    return profile(folder / "examples.parquet", folder / "tokens.parquet", target)


def test_the_same_reviews_have_not_drifted(tmp_path: Path) -> None:
    one = described(tmp_path, ["교통 좋다", "주차 나쁘다"] * 20, [1, 0] * 20, BINARY)
    assert one["labels"] == {"negative": 0.5, "positive": 0.5}
    assert one["all_tokens"] == 80
    found = drift(one, one)
    assert (found["labels"], found["lengths"], found["tokens"], found["new_tokens"]) == (0, 0, 0, 0)
    assert not found["is_drift"]
    assert not found["rose"] + found["fell"]


def test_other_labels_lengths_and_words_are_drift(tmp_path: Path) -> None:
    before = described(tmp_path, ["교통 좋다", "주차 나쁘다"] * 20, [1, 0] * 20, BINARY)
    worse = described(tmp_path, ["교통 좋다", "주차 나쁘다"] * 20, [1, 0, 0, 0] * 10, BINARY)
    assert drift(worse, before)["labels"] == pytest.approx(0.275, abs=0.01)
    longer = described(tmp_path, ["교통 좋다" * 20, "주차 나쁘다"] * 20, [1, 0] * 20, BINARY)
    assert drift(longer, before)["lengths"] > 1
    other = described(tmp_path, ["층간소음 심하다", "주차 나쁘다"] * 20, [1, 0] * 20, BINARY)
    found = drift(other, before)
    assert found["is_drift"]
    assert found["new_tokens"] == 0.5
    assert set(found["rose"]) == {"층간소음", "심하다"}
    assert set(found["fell"]) == {"교통", "좋다"}


def test_ratings_are_compared_one_by_one(tmp_path: Path) -> None:
    target = Score(lowest=1, highest=5)
    one = described(tmp_path, ["가 나", "다 라"], [0.0, 1.0], target)
    assert one["labels"] == {"1.0": 0.5, "5.0": 0.5}


def test_divergence_is_that_of_scipy() -> None:
    random = np.random.default_rng(1)
    p, q = random.dirichlet(np.ones(9), 2)
    names = [str(n) for n in range(9)]
    first, second = (dict(zip(names, one.tolist(), strict=True)) for one in (p, q))
    assert divergence(first, second) == pytest.approx(jensenshannon(p, q, base=2) ** 2)
    assert divergence({"a": 1.0}, {"b": 1.0}) == pytest.approx(1)
    assert stability_index(first, second) == pytest.approx(stability_index(second, first))
