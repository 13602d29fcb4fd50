"""Explained reviews per second, and the approximation error of the contributions.

Trains a network on 20,000 reviews, joins it with n-grams and explains 2,000 others, for the LSTM
branch alone and for both branches. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

from pipeline.explain import ngram_contributions as wide
from pipeline.explain.alignment import align
from pipeline.explain.drivers import Explained, drivers
from pipeline.explain.integrated_gradients import attributions, ngram_weights
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import (
    ModelSettings,
    TokenizerSettings,
    TrainSettings,
    VocabularySettings,
)
from pipeline.tokenizer import make_tokenizer
from pipeline.tokenizer.pos import kinds
from pipeline.train.stacking import join
from pipeline.train.train import train
from tests.benchmarks.train_small import LONGEST, read_labelled
from tests.conftest import MOVIES

TOKENIZER = TokenizerSettings(name="mecab")
TRAINING, VALIDATION, EXPLAINED = 20_000, 2_000, 2_000


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    options = parser.parse_args()
    texts, labels = read_labelled(options.movies)
    texts, labels = texts[: TRAINING + VALIDATION + EXPLAINED], labels[: len(texts)]
    tokens = list(make_tokenizer(TOKENIZER).tokenize(texts))
    training = slice(0, TRAINING)
    validation = slice(TRAINING, TRAINING + VALIDATION)
    explained = slice(TRAINING + VALIDATION, None)
    vocabulary = Vocabulary.build(tokens[training], VocabularySettings())

    def encoded(some: slice) -> Sequences:
        return Sequences.encode(tokens[some], vocabulary, LONGEST)

    known = encoded(validation), labels[validation]
    deep, _ = train(
        (encoded(training), labels[training]),
        known,
        vocabulary_size=len(vocabulary),
        model=ModelSettings(),
        settings=TrainSettings(epochs=2),
    )
    regression = NgramRegression.fit(
        texts[training], labels[training].tolist(), tokens=tokens[training]
    )
    features = regression.features(texts[validation], tokens[validation])
    model = join(deep, regression, regression.logits(features), known).model
    sequences = encoded(explained)
    attributions(model, sequences.take(np.arange(64)))  # compiles the function
    started = time.monotonic()
    found = attributions(model, sequences)
    deep_done = time.monotonic()
    of_wide = list(
        wide.contributions(regression, ngram_weights(model), texts[explained], tokens[explained])
    )
    wide_done = time.monotonic()
    of_kinds = list(kinds(texts[explained], tokens[explained], TOKENIZER))
    drivers(
        [
            Explained(text, own, align(text, own), its, found[row][: len(own)] + parts[:LONGEST])
            for row, (text, own, its, (parts, _)) in enumerate(
                zip(texts[explained], tokens[explained], of_kinds, of_wide, strict=True)
            )
            if 0 < len(own) <= LONGEST
        ]
    )
    error = np.abs(found.error)
    print(
        json.dumps(
            {
                "benchmark": "explain",
                "cpus": len(os.sched_getaffinity(0)),
                "reviews": EXPLAINED,
                "lstm_reviews_per_second": round(EXPLAINED / (deep_done - started)),
                "both_reviews_per_second": round(EXPLAINED / (wide_done - started)),
                "drivers_seconds": round(time.monotonic() - wide_done, 1),
                "error_median": round(float(np.median(error)), 4),
                "error_95_percent": round(float(np.percentile(error, 95)), 4),
                "logit_median": round(float(np.median(np.abs(found.logit))), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
