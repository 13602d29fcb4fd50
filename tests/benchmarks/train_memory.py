"""Peak memory of training by the number of rows, and bytes per additional row.

Rows have 14 random tokens, 72 bytes each in ``dataset.npz``. Each size runs in its own process,
which shuffles all rows, trains for ``SECONDS`` and validates. The n-gram regression is fitted to
texts of 35 random syllables, also in its own process. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

import numpy as np

from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.sequences import Sequences, dataset_writer, load_split
from pipeline.settings import ModelSettings, TrainSettings
from tests.benchmarks.process import measure

VOCABULARY = 40_000
TOKENS = 14
SYLLABLES = 35
SECONDS = 20
CHUNK_ROWS = 100_000


def main() -> None:
    """Run the benchmark, or one size in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--texts", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fit", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train_for_some_seconds(options.train)
    elif options.fit:
        fit(options.fit)
    else:
        network = {rows: peak_of_training(rows) for rows in options.rows}
        regression = {
            texts: measure("tests.benchmarks.train_memory", "--fit", str(texts)).peak_mb
            for texts in options.texts
        }
        print(json.dumps({
            "benchmark": "train_memory", "cpus": len(os.sched_getaffinity(0)),
            "network_peak_mb": {rows: round(peak) for rows, peak in network.items()},
            "network_bytes_per_row": bytes_per_row(network),
            "regression_peak_mb": {texts: round(peak) for texts, peak in regression.items()},
            "regression_bytes_per_text": bytes_per_row(regression),
        }))  # fmt: skip


def bytes_per_row(peaks: dict[int, float]) -> int:
    """Bytes per additional row between the smallest and the largest size."""
    fewest, most = min(peaks), max(peaks)
    return round((peaks[most] - peaks[fewest]) * 2**20 / (most - fewest))


def peak_of_training(rows: int) -> float:
    """Peak memory in MB of a process that trains on ``rows`` rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dataset.npz"
        random = np.random.default_rng(1)
        with dataset_writer(path, ["train", "validation"]) as write:
            for split, count in {"train": rows, "validation": 1_000}.items():
                for start in range(0, count, CHUNK_ROWS):
                    here = min(CHUNK_ROWS, count - start)
                    flat = random.integers(2, VOCABULARY, here * TOKENS, np.int32)
                    sequences = Sequences.cut(flat, np.full(here, TOKENS, np.int32))
                    write(split, sequences, random.integers(0, 2, here).astype(np.int8))
        return measure("tests.benchmarks.train_memory", "--train", path).peak_mb


def train_for_some_seconds(dataset: Path) -> None:
    """Train the default network until the deadline."""
    from pipeline.train.train import train

    train(
        load_split(dataset, "train"),
        load_split(dataset, "validation"),
        vocabulary_size=VOCABULARY,
        model=ModelSettings(),
        settings=TrainSettings(epochs=1, batch_size=256, deadline_minutes=SECONDS / 60),
    )


def fit(texts: int) -> None:
    """Fit the regression to random texts."""
    random = np.random.default_rng(1)
    syllables = np.array([chr(code) for code in range(ord("가"), ord("가") + 1_000)])
    skewed = (1_000 * random.random((texts, SYLLABLES)) ** 3).astype(int)
    rows = ["".join(row) for row in syllables[skewed]]
    NgramRegression.fit(rows, random.integers(0, 2, texts).tolist())


if __name__ == "__main__":
    main()
