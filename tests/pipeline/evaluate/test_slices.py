"""Figures of parts of the test split."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluate.slices import FEWEST, read_rows, slices
from pipeline.storage.schemas import EXAMPLES_SCHEMA, REVIEWS_SCHEMA
from pipeline.target.binary import BINARY
from pipeline.target.score import Score

COUNT = 200


@pytest.fixture
def rows() -> pa.Table:
    """Of two sources, dated in two years, rated 1 or 5, the last 20 of a small group."""
    of = range(COUNT)
    columns = {
        "text": ["가" * (1 + n % 40) for n in of],
        "source": [("하나", "둘")[n % 2] for n in of],
        "date": [f"202{5 + n % 2}-01-01" if n % 5 else "" for n in of],
        "group": ["a" if n < COUNT - 20 else "b" for n in of],
        "group_name": ["큰 단지" if n < COUNT - 20 else "" for n in of],
        "aspect": [""] * COUNT,
        "rating": [(1.0, 5.0)[n % 2] for n in of],
    }
    return pa.table(columns)


def test_the_worst_part_comes_first_and_small_ones_are_left_out(rows: pa.Table) -> None:
    right = (np.arange(COUNT) % 2).astype(np.float64)
    found = slices(rows, np.zeros(COUNT), {"network": right, "baseline": np.ones(COUNT)}, BINARY)
    first = found["rows"][0]
    assert (first["value"], first["network"], first["baseline"]) == ("하나", 0.0, 1.0)
    assert first["interval"][0] == pytest.approx(0, abs=1e-9)
    assert 0 < first["interval"][1] < 0.1
    kinds = {one["slice"] for one in found["rows"]}
    assert kinds == {"length", "source", "period", "group", "rating"}
    assert {one["value"] for one in found["rows"] if one["slice"] == "group"} == {"큰 단지"}
    assert {one["value"] for one in found["rows"] if one["slice"] == "period"} == {
        *("2025-Q1", "2026-Q1")
    }
    assert found["too_small"] > 0
    assert all(one["examples"] >= FEWEST for one in found["rows"])
    accuracies = [one["network"] for one in found["rows"]]
    assert accuracies == sorted(accuracies)


def test_of_errors_the_largest_is_the_worst(rows: pa.Table) -> None:
    errors = np.where(np.arange(COUNT) % 2, 2.0, 0.5) + np.linspace(0, 0.1, COUNT)
    found = slices(
        rows, np.zeros(COUNT), {"network": errors, "baseline": errors}, Score(lowest=1, highest=5)
    )
    assert found["rows"][0]["network"] > 2
    low, high = found["rows"][0]["interval"]
    assert low < found["rows"][0]["network"] < high


def test_texts_are_told_apart_by_words_that_are_not_known(rows: pa.Table) -> None:
    unknown = np.repeat([0, 0.05, 0.5, 0], 50)
    each = {"network": np.ones(COUNT), "baseline": np.ones(COUNT)}
    values = {
        one["value"]: one["examples"]
        for one in slices(rows, unknown, each, BINARY)["rows"]
        if one["slice"] == "unknown words"
    }
    assert values == {"0%": 100, "≤ 10%": 50, "> 10%": 50}


def test_texts_in_place_of_dates_are_in_no_period(rows: pa.Table) -> None:
    """Earlier versions stored the dates of files as they were written."""
    texts = ["2026.7.3", "20260703", "1783008000", "뒤집기", "2026-07-03"] * (COUNT // 5)
    rows = rows.set_column(rows.column_names.index("date"), "date", pa.array(texts))
    each = {"network": np.ones(COUNT), "baseline": np.ones(COUNT)}
    found = slices(rows, np.zeros(COUNT), each, BINARY)["rows"]
    assert "period" not in {one["slice"] for one in found}


def test_few_rows_have_no_parts(rows: pa.Table) -> None:
    each = {"network": np.ones(3), "baseline": np.ones(3)}
    found = slices(rows.slice(0, 3), np.zeros(3), each, BINARY)
    assert found["rows"] == []
    assert found["too_small"] > 0


def test_rows_keep_the_order_of_the_test_split(tmp_path: Path) -> None:
    ids = ["s:3", "s:1", "s:2", "s:9"]
    blank = {name: [""] * 4 for name in EXAMPLES_SCHEMA.names} | {"fold": [None] * 4}
    examples = blank | {"id": ids, "text": list("가나다라"), "label": [0.0] * 4,
                        "split": ["test", "train", "test", "test"]}  # fmt: skip
    pq.write_table(pa.table(examples, schema=EXAMPLES_SCHEMA), tmp_path / "examples.parquet")
    defaults = dict.fromkeys(REVIEWS_SCHEMA.names, "") | {
        "rating": None,
        "label": 1,
        "held_out": False,
        "by_hand": False,
    }
    reviews = [
        defaults | {"source": "s", "review_id": str(n), "rating": float(n)} for n in range(5)
    ]
    pq.write_table(pa.Table.from_pylist(reviews, REVIEWS_SCHEMA), tmp_path / "reviews.parquet")
    found = read_rows(tmp_path / "examples.parquet", tmp_path / "reviews.parquet")
    assert found["id"].to_pylist() == ["s:3", "s:2", "s:9"]
    assert found["rating"].to_pylist() == [3.0, 2.0, None]
