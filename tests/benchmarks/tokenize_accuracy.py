"""Accuracy of networks trained on a tagger's tokens; used by ``tokenize.py``."""

from __future__ import annotations

import gzip
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SMALL = [
    "model.kind=sequential",
    "model.embedding_size=100",
    "vocabulary.size=20000",
    "split.test_share=0.01",
    "split.validation_share=0.2",
]
JOINED = ["model.kind=functional", "split.test_share=0.2"]


def accuracy(tagger: str, movies: Path, reviews: int, seeds: list[int]) -> dict[str, Any]:
    """Train on the first reviews of the training file, a fifth of which is held out.

    Returns:
        Mean and spread over the seeds of the accuracy of the ``small`` sequential network (best
        epoch on the held-out fifth, which is also its validation split) and of the ``joined``
        network (on a held-out fifth that is its test split).
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "reviews.tsv"
        with gzip.open(movies / "ratings_train.txt.gz", "rt", encoding="utf-8") as file:
            source.write_text("".join(itertools.islice(file, reviews + 1)), encoding="utf-8")
        settings = [f"source.path={source}", "source.kind=file", f"tokenizer.name={tagger}"]
        _flow("crawl", folder, settings)
        small, joined = [], []
        for seed in seeds:
            one = [*settings, f"train.seed={seed}"]
            model = _flow("train", folder, [*one, *SMALL])
            small.append(max(model["details"]["history"]["val_accuracy"]))
            _flow("evaluate", folder, [*one, *JOINED])
            joined.append(_newest_metrics(folder)["network"]["figures"]["accuracy"]["value"])
    return {"reviews": reviews, "small": _summary(small), "joined": _summary(joined)}


def _summary(values: list[float]) -> dict[str, float]:
    return {
        "mean": round(statistics.mean(values), 4),
        "spread": round(max(values) - min(values), 4),
    }


def _newest_metrics(folder: str) -> dict[str, Any]:
    found = Path(folder).glob("workspace/metrics/*/metrics.json")
    return dict(json.loads(max(found, key=lambda path: path.stat().st_mtime).read_bytes()))


def _flow(name: str, folder: str, settings: list[str]) -> dict[str, Any]:
    printed = subprocess.run(
        [sys.executable, "-m", "flows", name, "--json", "--workspace", f"{folder}/workspace",
         *(part for one in settings for part in ("--set", one))],
        stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    return dict(json.loads(printed))
