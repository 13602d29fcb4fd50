"""Encoding, max_length, ``dataset.npz`` and batches."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.prepare.encode import encode_dataset, percentile
from pipeline.prepare.sequences import (
    Sequences,
    batches_by_length,
    dataset_writer,
    load_split,
)
from pipeline.prepare.vocabulary import UNKNOWN, Vocabulary
from pipeline.settings import EncodeSettings
from pipeline.storage.schemas import EXAMPLES_SCHEMA, TOKENS_SCHEMA

VOCABULARY = Vocabulary({"가": 9, "나": 8, "다": 7})
TEXTS = [
    ("train", ["가", "나", "다", "가"], 1),
    ("test", ["나"], 0),
    ("train", [], 0),
    ("validation", ["라", "<pad>", "가"], 1),
    ("train", ["다", "라"], 0),
    ("test", ["가"] * 7 + ["라"], 1),
    ("unlabeled", ["나", "라"], None),
    ("validation", [], 0),
]


def rows_of(sequences: Sequences) -> list[list[int]]:
    return [part.tolist() for part in np.split(sequences.flat, sequences.offsets[1:-1])]


def encode(
    folder: Path,
    settings: EncodeSettings,
    *,
    texts: list[tuple[str, list[str], int | None]] = TEXTS,
    row_groups: tuple[int, int] = (1000, 1000),
) -> dict[str, Any]:
    splits, tokens, labels = zip(*texts, strict=True)
    values = dict.fromkeys(EXAMPLES_SCHEMA.names, [""] * len(texts)) | {
        "fold": [None] * len(texts),
        "split": splits,
        "label": labels,
    }
    pq.write_table(
        pa.table(values, schema=EXAMPLES_SCHEMA),
        folder / "examples.parquet",
        row_group_size=row_groups[0],
    )
    pq.write_table(
        pa.table({"tokens": tokens}, schema=TOKENS_SCHEMA),
        folder / "tokens.parquet",
        row_group_size=row_groups[1],
    )
    return encode_dataset(
        folder / "examples.parquet", folder / "tokens.parquet", VOCABULARY, folder, settings
    )


def test_rows_are_truncated_at_the_end_and_never_empty() -> None:
    texts = [["가", "나", "다"], [], ["라"], ["다", "나"]]
    assert rows_of(Sequences.encode(texts, VOCABULARY, 2)) == [[2, 3], [UNKNOWN], [1], [4, 3]]
    assert rows_of(Sequences.encode(texts, VOCABULARY, 1)) == [[2], [UNKNOWN], [1], [4]]
    assert rows_of(Sequences.encode(texts, VOCABULARY)) == [[2, 3, 4], [UNKNOWN], [1], [4, 3]]
    assert len(Sequences.encode([], VOCABULARY, 2)) == 0


def test_padding_is_at_the_end() -> None:
    sequences = Sequences(np.array([5, 6, 7], np.int32), np.array([0, 1, 3]))
    assert sequences.padded(np.array([1, 0])).tolist() == [[6, 7], [5, 0]]
    assert sequences.take(np.array([1])).flat.tolist() == [6, 7]


def test_each_split_keeps_its_rows_in_order_with_their_labels(tmp_path: Path) -> None:
    encode(tmp_path, EncodeSettings(max_length=3))
    for split, rows, labels in (
        ("train", [[2, 3, 4], [UNKNOWN], [4, UNKNOWN]], [1, 0, 0]),
        ("validation", [[UNKNOWN, UNKNOWN, 2], [UNKNOWN]], [1, 0]),
        ("test", [[3], [2, 2, 2]], [0, 1]),
        ("unlabeled", [[3, UNKNOWN]], [-1]),
    ):
        sequences, found = load_split(tmp_path / "dataset.npz", split)
        assert (rows_of(sequences), found.tolist()) == (rows, labels)
        dtypes = [array.dtype for array in (sequences.flat, sequences.offsets, found)]
        assert dtypes == [np.int32, np.int64, np.float32]


def test_details_count_truncated_rows_and_unknown_tokens(tmp_path: Path) -> None:
    details = encode(tmp_path, EncodeSettings(max_length=3))
    assert details == {
        "rows": 8, "max_length": 3, "length_percentile": None, "cut": 2,
        "splits": {
            "train": {"rows": 3, "tokens": 6, "unknown_share": 1 / 6, "cut": 1},
            "validation": {"rows": 2, "tokens": 3, "unknown_share": 2 / 3, "cut": 0},
            "test": {"rows": 2, "tokens": 9, "unknown_share": 1 / 9, "cut": 1},
            "unlabeled": {"rows": 1, "tokens": 2, "unknown_share": 1 / 2, "cut": 0},
            "between": {"rows": 0, "tokens": 0, "unknown_share": 0.0, "cut": 0},
        },
    }  # fmt: skip


@pytest.mark.parametrize(("percent", "expected"), [(1, 0), (33, 0), (34, 2), (67, 4), (100, 4)])
def test_max_length_is_a_percentile_of_the_training_split_and_is_saved(
    tmp_path: Path, percent: float, expected: int
) -> None:
    settings = EncodeSettings(length_percentile=percent)
    details = encode(tmp_path, settings)
    kept = EncodeSettings.model_validate_json((tmp_path / "encode.json").read_bytes())
    assert kept.max_length == details["max_length"] == max(1, expected)
    assert kept.length_percentile == details["length_percentile"] == percent


@pytest.mark.parametrize("percent", [0.1, 50.0, 90.0, 99.5, 99.9, 100.0])
def test_percentile_is_the_smallest_length_that_percent_of_texts_do_not_exceed(
    percent: float,
) -> None:
    lengths = np.random.default_rng(1).geometric(0.05, 1000)
    found = percentile(np.bincount(lengths), percent)
    assert np.sum(lengths <= found) >= 10 * percent > np.sum(lengths < found)


def test_the_bytes_do_not_depend_on_the_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        (split, tokens * (row % 5), label) for row in range(60) for split, tokens, label in TEXTS
    ]
    details = encode(tmp_path, EncodeSettings(), texts=texts)
    once = (tmp_path / "dataset.npz").read_bytes()
    monkeypatch.setattr("pipeline.prepare.tokens.ROW_GROUP", 17)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert encode(tmp_path, EncodeSettings(), texts=texts, row_groups=(7, 11)) == details
    assert (tmp_path / "dataset.npz").read_bytes() == once


def test_a_dataset_round_trips_and_leaves_no_temporary_files(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    lengths = random.integers(1, 9, 50, np.int32)
    flat = random.integers(1, 50, lengths.sum()).astype(np.int32)
    sequences = Sequences.cut(flat, lengths)
    labels = random.integers(0, 2, 50).astype(np.float32)
    with dataset_writer(tmp_path / "dataset.npz", ["test"]) as write:
        write("test", sequences, labels)
    found, found_labels = load_split(tmp_path / "dataset.npz", "test")
    assert np.array_equal(found.flat, sequences.flat)
    assert np.array_equal(found.offsets, sequences.offsets)
    assert np.array_equal(found_labels, labels)
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.npz"]
    assert zipfile.ZipFile(tmp_path / "dataset.npz").testzip() is None


def test_an_interrupted_write_keeps_the_old_dataset(tmp_path: Path) -> None:
    encode(tmp_path, EncodeSettings())
    before = sorted((path, path.read_bytes()) for path in tmp_path.iterdir())
    with pytest.raises(InterruptedError), dataset_writer(tmp_path / "dataset.npz", ["test"]):
        raise InterruptedError
    assert sorted((path, path.read_bytes()) for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("random", [None, np.random.default_rng(1)])
def test_batches_hold_each_row_once(random: np.random.Generator | None) -> None:
    lengths = np.random.default_rng(2).integers(1, 90, 1003)
    batches = list(batches_by_length(lengths, 16, random))
    assert sorted(np.concatenate(batches).tolist()) == list(range(1003))
    assert max(map(len, batches)) == 16
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert padded < 1.1 * lengths.sum()
