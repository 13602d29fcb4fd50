"""Time and memory of evaluation, without prediction.

Evaluates random predictions for the test file with the default number of bootstrap samples, and
searches the training file for its texts. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import time
from pathlib import Path

import numpy as np

from pipeline.evaluate.leakage import seen_before
from pipeline.evaluate.scores import evaluate
from pipeline.settings import EvaluateSettings
from tests.conftest import MOVIES


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    options = parser.parse_args()
    training, _ = read(options.movies / "ratings_train.txt.gz")
    texts, labels = read(options.movies / "ratings_test.txt.gz")
    random = np.random.default_rng(1)
    predicted = {
        name: np.clip(0.2 + 0.6 * labels + random.normal(0, noise, len(labels)), 0, 1)
        for name, noise in {"network": 0.3, "baseline": 0.35}.items()
    }
    started = time.monotonic()
    evaluate(labels, predicted, EvaluateSettings())
    evaluated = time.monotonic()
    same, near = seen_before(training, texts)
    print(
        json.dumps(
            {
                "benchmark": "evaluate",
                "cpus": len(os.sched_getaffinity(0)),
                "examples": len(labels),
                "figures_seconds": round(evaluated - started, 1),
                "leakage_seconds": round(time.monotonic() - evaluated, 1),
                "same": int(same.sum()),
                "near": int(near.sum()),
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10,
            }
        )
    )


def read(path: Path) -> tuple[list[str], np.ndarray]:
    """Read texts and labels."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    return [text for _, text, _ in rows], np.array([label for *_, label in rows], np.float32)


if __name__ == "__main__":
    main()
