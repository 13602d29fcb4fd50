"""Training speed of the sequential LSTM(128) network, compared with a tutorial's ``model.fit``.

The tutorial pads all texts to 30 tokens, at the front as Keras does by default, and uses batches
of 64. Runs alternate, each in its own process, with the same tokens, vocabulary and validation
split of the training file. Samples per second are those of the last epoch, without compilation.
Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.prepare.sequences import load_split
from pipeline.settings import ModelSettings, TrainSettings
from tests.benchmarks.process import measure
from tests.conftest import MOVIES

PAD_TO = 30
TUTORIAL_BATCH = 64
VALIDATION_SHARE = 0.2
PLAIN = ["model.kind=sequential", "model.embedding_size=100", "vocabulary.size=20000"]
SPLIT = [f"split.validation_share={VALIDATION_SHARE}", "split.test_share=0.01"]


def main() -> None:
    """Run the benchmark, or one training in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("PROGRAM", "DATASET"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        program, dataset = options.one
        print(json.dumps(PROGRAMS[program](Path(dataset), options.epochs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare(folder, options.movies)
        runs: dict[str, list[dict[str, Any]]] = {program: [] for program in PROGRAMS}
        for _ in range(options.runs):
            for program, done in runs.items():
                done.append(json.loads(measure(
                    "tests.benchmarks.train_speed",
                    *("--epochs", str(options.epochs), "--one", program, dataset),
                ).out))  # fmt: skip
    print(json.dumps({"benchmark": "train_speed", "cpus": len(os.sched_getaffinity(0)),
                      **runs, **compared(runs)}))  # fmt: skip


def prepare(folder: str, movies: Path) -> Path:
    """Crawl and prepare the training file; return the path of the dataset."""
    settings = ["source.kind=file", f"source.path={movies / 'ratings_train.txt.gz'}", *PLAIN,
                *SPLIT]  # fmt: skip
    changes = [part for one in settings for part in ("--set", one)]
    for command in ("crawl", "prepare"):
        out = measure("flows", command, "--workspace", folder, *changes).out
    return Path(out.split()[-2])


def compared(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Ratio of this project's speed to the tutorial's, run by run."""
    pairs = list(zip(runs["tutorial"], runs["ours"], strict=True))
    speed = [ours["samples_per_second"] / plain["samples_per_second"] for plain, ours in pairs]
    return {
        "speed_ratio": round(statistics.median(speed), 2),
        "speed_ratio_spread": [round(min(speed), 2), round(max(speed), 2)],
    }


def tutorial(dataset: Path, epochs: int) -> dict[str, Any]:
    """Train the network of common Keras tutorials."""
    import keras

    (training, labels), (held_out, truth) = (
        load_split(dataset, split) for split in ("train", "validation")
    )
    keras.utils.set_random_seed(1)
    padded, padded_held_out = (
        keras.utils.pad_sequences(np.split(one.flat, one.offsets[1:-1]), PAD_TO)
        for one in (training, held_out)
    )
    network = keras.Sequential(
        [
            keras.layers.Embedding(20_000, 100),
            keras.layers.LSTM(128),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile("adam", "binary_crossentropy")
    accuracy = []
    for _ in range(epochs):
        started = time.monotonic()
        network.fit(padded, labels, batch_size=TUTORIAL_BATCH, verbose=0)
        seconds = time.monotonic() - started
        probability = network.predict(padded_held_out, 512, verbose=0)[:, 0]
        accuracy.append(round(float(np.mean((probability >= 0.5) == truth)), 4))
    return {
        "samples_per_second": round(len(labels) / seconds),
        "validation_accuracy": accuracy,
    }


def ours(dataset: Path, epochs: int) -> dict[str, Any]:
    """Train a network of the same sizes with this project."""
    from pipeline.train.train import train

    training, validation = (load_split(dataset, split) for split in ("train", "validation"))
    _, details = train(
        training,
        validation,
        vocabulary_size=20_000,
        model=ModelSettings(kind="sequential", embedding_size=100),
        settings=TrainSettings(epochs=epochs),
    )
    return {
        "samples_per_second": details["samples_per_second"],
        "validation_accuracy": [round(one, 4) for one in details["history"]["val_accuracy"]],
    }


PROGRAMS = {"tutorial": tutorial, "ours": ours}


if __name__ == "__main__":
    main()
