"""Tokenization and prediction on a Dask cluster of two processes, compared with threads.

The two alternate. Tokenization is with Okt and an empty word cache; its seconds are those of the
stage, including the start of the cluster and of Java. Prediction is one command on the test file,
with a small network and MeCab. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.conftest import MOVIES

RUNNERS = {"threads": (), "dask": ("runner.kind=dask", "runner.workers=2")}
SMALL = (
    *("tokenizer.name=mecab", "train.epochs=1"),
    *("model.lstm_units=16", "pretrain.min_texts=1000000000"),
)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    reviews = options.movies / "ratings_test.txt.gz"
    seconds: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = ("source.kind=file", f"source.path={reviews}")
        review_sentiment(folder, "crawl", *source)
        shutil.copytree(folder, f"{folder}/crawled")
        review_sentiment(folder, "train", *source, *SMALL)
        for _ in range(options.runs):
            for name, runner in RUNNERS.items():
                fresh = shutil.copytree(f"{folder}/crawled", f"{folder}/fresh")
                said = review_sentiment(fresh, "prepare", *source, *runner)
                shutil.rmtree(fresh)
                (tokens,) = re.findall(r"tokens: done in ([\d.]+) s", said)
                started = time.monotonic()
                review_sentiment(folder, "predict", *runner, more=(reviews, f"{folder}/out.csv"))
                predict = round(time.monotonic() - started, 1)
                for part, value in (("tokenize", float(tokens)), ("predict", predict)):
                    seconds.setdefault(part, {}).setdefault(name, []).append(value)
    result: dict[str, Any] = {"benchmark": "runner", "cpus": len(os.sched_getaffinity(0))}
    for part, found in seconds.items():
        ratios = [one / other for one, other in zip(found["threads"], found["dask"], strict=True)]
        spread = [round(min(ratios), 2), round(max(ratios), 2)]
        result[part] = found | {"ratio": round(statistics.median(ratios), 2), "spread": spread}
    print(json.dumps(result))


def review_sentiment(
    workspace: str, command: str, *settings: str, more: tuple[Path, str] | None = None
) -> str:
    """Run a command; return its stderr."""
    arguments = [command, "--workspace", workspace]
    arguments += [part for one in settings for part in ("--set", one)]
    arguments += [str(more[0]), "--output", more[1]] if more else []
    ended = subprocess.run(
        [sys.executable, "-m", "flows", *arguments], check=True, capture_output=True, text=True
    )
    return ended.stderr


if __name__ == "__main__":
    main()
