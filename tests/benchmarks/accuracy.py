"""Accuracy, time and memory of the end-to-end flow on the movie reviews, and of the baseline.

Each seed is one ``review-sentiment run`` in its own process. All share a workspace, so only the
first run crawls and tokenizes. ``--workspace`` keeps it, so that a benchmark with other settings
reuses the stages both have in common. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.process import measure
from tests.conftest import MOVIES


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--workspace", type=Path, help="folder to keep; default: temporary")
    parser.add_argument("--set", action="append", default=[], metavar="section.key=value")
    options = parser.parse_args()
    if not options.movies.is_dir():
        parser.error(f"no such folder: {options.movies}; name yours with --movies")
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace or Path(folder)
        runs = [
            run(workspace, options.movies, [f"train.seed={seed}", *options.set])
            for seed in options.seeds
        ]
    accuracy = [one["network"] for one in runs]
    print(
        json.dumps(
            {
                "benchmark": "accuracy",
                "seeds": options.seeds,
                "network": accuracy,
                "network_mean": round(statistics.mean(accuracy), 4),
                "network_spread": round(max(accuracy) - min(accuracy), 4),
                "baseline": runs[0]["baseline"],
                "errors_ratio": round(
                    (1 - statistics.mean(accuracy)) / (1 - runs[0]["baseline"]), 3
                ),
                "first_run_seconds": runs[0]["seconds"],
                "peak_memory_gb": max(one["peak_memory_gb"] for one in runs),
                "cpus": len(os.sched_getaffinity(0)),
            }
        )
    )


def run(workspace: Path, movies: Path, overrides: list[str]) -> dict[str, Any]:
    """Run once; return test accuracy of both models, seconds and peak memory."""
    settings = [
        "source.kind=file",
        f"source.path={movies / 'ratings_train.txt.gz'}",
        f"source.test_path={movies / 'ratings_test.txt.gz'}",
        "train.threshold=accurate",
        *overrides,
    ]
    changes = [part for one in settings for part in ("--set", one)]
    done = measure("flows", "run", "--workspace", workspace, *changes)
    newest = max((workspace / "metrics").glob("*/metrics.json"), key=lambda p: p.stat().st_mtime)
    metrics = json.loads(newest.read_bytes())
    return {
        **{
            model: round(metrics[model]["figures"]["accuracy"]["value"], 4)
            for model in ("network", "baseline")
        },
        "seconds": round(done.seconds),
        "peak_memory_gb": round(done.peak_mb / 2**10, 2),
    }


if __name__ == "__main__":
    main()
