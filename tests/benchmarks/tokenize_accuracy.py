"""Validation accuracy of a small network on one tagger's tokens; part of ``tokenize.py``."""

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

SETTINGS = [
    "model.kind=sequential",
    "model.embedding_size=100",
    "vocabulary.size=20000",
    "split.test_share=0.01",
    "split.validation_share=0.2",
]


def validation_accuracy(
    tagger: str, movies: Path, reviews: int, seeds: list[int]
) -> dict[str, Any]:
    """Train on the first reviews of the training file; a fifth of them is for validation."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "reviews.tsv"
        with gzip.open(movies / "ratings_train.txt.gz", "rt", encoding="utf-8") as file:
            source.write_text("".join(itertools.islice(file, reviews + 1)), encoding="utf-8")
        settings = [f"source.path={source}", "source.kind=file", f"tokenizer.name={tagger}"]
        _flow("crawl", folder, settings)
        accuracies = [
            _best(_flow("train", folder, [*settings, *SETTINGS, f"train.seed={seed}"]))
            for seed in seeds
        ]
    return {
        "reviews": reviews,
        "mean": round(statistics.mean(accuracies), 4),
        "spread": round(max(accuracies) - min(accuracies), 4),
    }


def _best(manifest: dict[str, Any]) -> float:
    return float(max(manifest["details"]["history"]["val_accuracy"]))


def _flow(name: str, folder: str, settings: list[str]) -> dict[str, Any]:
    printed = subprocess.run(
        [sys.executable, "-m", "flows", name, "--json", "--workspace", f"{folder}/workspace",
         *(part for one in settings for part in ("--set", one))],
        stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    return dict(json.loads(printed))
