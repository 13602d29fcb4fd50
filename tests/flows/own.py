"""A file of rated reviews, and the settings of a quick run on it."""

import csv
import json
from pathlib import Path

from pipeline.crawl.demo_site import DATA

FEW = 200
"""Reviews of a quick run: most of its time is starting TensorFlow, tracing and Prefect."""
SMALL = (
    *("tokenizer.name=mecab", "evaluate.bootstrap_samples=100"),
    *("train.epochs=1", "model.embedding_size=8", "model.lstm_units=4", "split.folds=0"),
)
NO_STARTER = "pretrain.starter=false"
QUICK = ("source.kind=file", "source.path=own.csv", *SMALL)
WITHOUT_STARTER = (*QUICK, NO_STARTER)
LIGHT = (NO_STARTER, "model.kind=sequential")
"""For flows of which no answer is asked: starter, n-grams and the LSTM's second direction take half
of a quick run."""
LEAST = (*QUICK, *LIGHT)


def changes(*settings: str) -> list[str]:
    """Command-line options that set these settings."""
    return [part for one in settings for part in ("--set", one)]


def options(*settings: str) -> list[str]:
    """Command-line options of a quick run, with additional settings."""
    return changes(*LEAST, *settings)


def variables(*settings: str) -> dict[str, str]:
    """Environment variables that set these settings."""
    pairs = (one.split("=", 1) for one in settings)
    return {f"REVIEW_SENTIMENT_{key.upper().replace('.', '__')}": value for key, value in pairs}


def rated(rows: int = 600) -> list[tuple[str, int]]:
    """Texts and ratings of demo reviews."""
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    return [(review["text"], review["score"]) for review in map(json.loads, lines[:rows])]


def write_own(folder: Path, rows: list[tuple[str, int]], encoding: str = "utf-8") -> None:
    """Write ``own.csv``."""
    with (folder / "own.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([("review", "rating"), *rows])
