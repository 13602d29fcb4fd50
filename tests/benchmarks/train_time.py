"""Time from the raw reviews to the tutorial's best validation accuracy.

The tutorial tokenizes each review with KoNLPy's Okt in a plain loop, keeps 20,000 words, pads to
30 tokens and fits an LSTM(128) with batches of 64; its time ends with the epoch of the best
validation accuracy. This project tokenizes, encodes and trains the same network without any
cache; its time ends with training. Each runs in its own process, on the same reviews and
validation split. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.settings import ModelSettings, TokenizerSettings, TrainSettings, VocabularySettings
from tests.benchmarks.process import measure
from tests.benchmarks.tokenize_once import plain
from tests.benchmarks.train_small import LONGEST, read_labelled
from tests.conftest import MOVIES

PAD_TO = 30
WORDS = 20_000
TUTORIAL_BATCH = 64
TUTORIAL_EPOCHS = 4
VALIDATION = 30_000


def main() -> None:
    """Run the benchmark, or one training in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument(
        "--taggers", nargs="+", default=["okt", "mecab"], help="taggers of this project"
    )
    parser.add_argument("--epochs", type=int, default=1, help="of this project")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run(options.one, options.movies, options.epochs)))
        return

    def done(program: str) -> dict[str, Any]:
        arguments = ("--one", program, "--movies", options.movies, "--epochs", str(options.epochs))
        result: dict[str, Any] = json.loads(measure("tests.benchmarks.train_time", *arguments).out)
        return result

    programs = {program: done(program) for program in ("tutorial", *options.taggers)}
    seconds = programs["tutorial"]["seconds"]
    ratios = {tagger: round(programs[tagger]["seconds"] / seconds, 3) for tagger in options.taggers}
    print(json.dumps({"benchmark": "train_time", "cpus": len(os.sched_getaffinity(0)),
                      **programs, "time_ratio": ratios}))  # fmt: skip


def run(program: str, movies: Path, epochs: int) -> dict[str, Any]:
    """Run one program; return the validation accuracy and the seconds until then."""
    texts, labels = read_labelled(movies)
    order = np.random.default_rng(1).permutation(len(texts))
    shuffled = [texts[row] for row in order]
    started = time.monotonic()
    if program == "tutorial":
        accuracy, ended = tutorial(shuffled, labels[order])
    else:
        accuracy, ended = ours(shuffled, labels[order], program, epochs)
    return {"accuracy": round(accuracy, 4), "seconds": round(ended - started)}


def tutorial(texts: list[str], labels: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Train as in a notebook; return the best validation accuracy and the end of its epoch."""
    import keras

    keras.utils.set_random_seed(1)
    tokens = list(plain(TokenizerSettings(name="okt"))(texts))
    counts = Counter(itertools.chain.from_iterable(tokens[VALIDATION:]))
    number = {word: rank for rank, (word, _) in enumerate(counts.most_common(WORDS - 2), 2)}
    padded = keras.utils.pad_sequences(
        [[number.get(token, 1) for token in one] for one in tokens], PAD_TO
    )
    network = keras.Sequential(
        [
            keras.layers.Embedding(WORDS, 100),
            keras.layers.LSTM(128),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    epochs = []
    for _ in range(TUTORIAL_EPOCHS):
        fitted = network.fit(
            padded[VALIDATION:],
            labels[VALIDATION:],
            batch_size=TUTORIAL_BATCH,
            validation_data=(padded[:VALIDATION], labels[:VALIDATION]),
            verbose=0,
        )
        epochs.append((fitted.history["val_accuracy"][0], time.monotonic()))
    return max(epochs, key=lambda one: one[0])


def ours(
    texts: list[str], labels: npt.NDArray[np.float32], tagger: str, epochs: int
) -> tuple[float, float]:
    """Train the same network with this project; return its last validation accuracy and the end."""
    from pipeline.prepare.sequences import Sequences
    from pipeline.prepare.vocabulary import Vocabulary
    from pipeline.tokenizer import make_tokenizer
    from pipeline.train.train import train

    tokens = list(make_tokenizer(TokenizerSettings(name=tagger)).tokenize(texts))
    vocabulary = Vocabulary.build(tokens[VALIDATION:], VocabularySettings(size=WORDS))
    sequences = Sequences.encode(tokens, vocabulary, LONGEST)
    rows = np.arange(len(texts))
    held_out, training = (
        (sequences.take(some), labels[some]) for some in (rows[:VALIDATION], rows[VALIDATION:])
    )
    _, details = train(
        training,
        held_out,
        vocabulary_size=len(vocabulary),
        model=ModelSettings(kind="sequential", embedding_size=100),
        settings=TrainSettings(epochs=epochs),
    )
    return details["history"]["val_accuracy"][-1], time.monotonic()


if __name__ == "__main__":
    main()
