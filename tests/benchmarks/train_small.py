"""Accuracy with few training rows, with and without pretraining, compared with the baseline.

Each draw samples rows of the training file, uses a tenth of them for validation, and is scored on
20,000 rows that no draw uses. Layers are pretrained once, on the unlabelled reviews only, whose
vocabulary all draws share. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.model.inference import probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.clean import clean
from pipeline.prepare.sequences import Sequences, dataset_writer
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.reviews.review import UNLABELED, WITHOUT_LABEL
from pipeline.settings import (
    CleanSettings,
    ModelSettings,
    PretrainSettings,
    TokenizerSettings,
    TrainSettings,
    VocabularySettings,
)
from pipeline.tokenizer import make_tokenizer
from pipeline.train.pretrain import Sizes, pretrain
from pipeline.train.pretrained_layers import Layers
from pipeline.train.stacking import join, prior_for
from pipeline.train.train import train
from tests.conftest import MOVIES

HELD_OUT = 20_000
LONGEST = 60


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--tagger", default="mecab")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--without", action="store_true", help="only without pretraining")
    options = parser.parse_args()
    texts, labels = read_labelled(options.movies)
    tokenizer = make_tokenizer(TokenizerSettings(name=options.tagger))
    tokens = list(tokenizer.tokenize(texts))
    unlabelled = list(tokenizer.tokenize(read_unlabelled(options.movies)))
    if not options.without:
        shared = Vocabulary.build(unlabelled, VocabularySettings())
        layers = pretrain_layers(unlabelled, shared)
    order = np.random.default_rng(0).permutation(len(texts))
    held_out, rest = order[:HELD_OUT], order[HELD_OUT:]
    result: dict[str, Any] = {"benchmark": "train_small", "cpus": len(os.sched_getaffinity(0))}
    for size in options.rows:
        figures: dict[str, list[float]] = {}
        for draw in range(options.draws):
            rows = np.random.default_rng(draw).choice(rest, size, replace=False)
            own = Vocabulary.build((tokens[row] for row in rows), VocabularySettings())
            variants: dict[str, tuple[Vocabulary, Layers]] = {"without": (own, {})}
            if not options.without:
                variants["with"] = shared, layers
            for name, (vocabulary, pretrained) in variants.items():
                found = measure(texts, tokens, labels, rows, held_out, vocabulary, pretrained, draw)
                for model, accuracy in found.items():
                    figures.setdefault(f"{model}, {name} pretraining", []).append(accuracy)
        result[f"{size}"] = {
            name: {"mean": round(statistics.mean(all_), 4), "of": [round(one, 4) for one in all_]}
            for name, all_ in figures.items()
        }
    print(json.dumps(result))


def measure(
    texts: list[str],
    tokens: list[list[str]],
    labels: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    held_out: npt.NDArray[np.int64],
    vocabulary: Vocabulary,
    layers: Layers,
    seed: int,
) -> dict[str, float]:
    """Train both models; return the accuracy of network and baseline."""
    validation, training = np.split(rows, [len(rows) // 10])

    def encoded(some: npt.NDArray[np.int64]) -> Sequences:
        return Sequences.encode((tokens[row] for row in some), vocabulary, LONGEST)

    def documents(some: npt.NDArray[np.int64]) -> tuple[list[str], list[list[str]]]:
        return [texts[row] for row in some], [tokens[row] for row in some]

    deep, _ = train(
        (encoded(training), labels[training]),
        (encoded(validation), labels[validation]),
        vocabulary_size=len(vocabulary),
        model=ModelSettings(),
        settings=TrainSettings(seed=seed),
        pretrained=layers,
    )
    both = np.concatenate([training, validation])
    of_texts, of_tokens = documents(both)
    on_training, on_all = NgramRegression.fit_several(
        [(len(training), None), (len(both), None)],
        of_texts,
        labels[both].tolist(),
        tokens=of_tokens,
    )
    known = encoded(validation), labels[validation]
    logits = on_training.logits(on_all.features(*documents(validation)))
    prior = prior_for(len(training), is_pretrained=bool(layers))
    joined = join(deep, on_all, logits, known, prior=prior).model
    of_texts, of_tokens = documents(held_out)
    features = on_all.features(of_texts, of_tokens)
    baseline = NgramRegression.fit([texts[row] for row in rows], labels[rows].tolist())
    answers = {
        "network": probabilities(joined, encoded(held_out), features) >= 0.5,
        "baseline": baseline.logits(baseline.features(of_texts)) >= 0,
    }
    return {name: float(np.mean(one == labels[held_out])) for name, one in answers.items()}


def pretrain_layers(unlabelled: list[list[str]], vocabulary: Vocabulary) -> Layers:
    """Pretrain layers on the unlabelled reviews."""
    sizes = ModelSettings()
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset.npz"
        sequences = Sequences.encode(unlabelled, vocabulary, LONGEST)
        with dataset_writer(dataset, ["train", *WITHOUT_LABEL]) as write:
            write(UNLABELED, sequences, np.full(len(sequences), -1, np.float32))
        return pretrain(
            dataset,
            len(vocabulary),
            Sizes(embedding_size=sizes.embedding_size, lstm_units=sizes.lstm_units),
            PretrainSettings(),
        ).layers


def read_labelled(movies: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Read cleaned texts and labels of the training file."""
    with gzip.open(movies / "ratings_train.txt.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    cleaned = [(clean(text, CleanSettings()), label) for _, text, label in rows]
    kept = [(text, label) for text, label in cleaned if text]
    return [text for text, _ in kept], np.array([label for _, label in kept], np.float32)


def read_unlabelled(movies: Path) -> list[str]:
    """Read the cleaned unlabelled texts."""
    with gzip.open(movies / "unlabeled.txt.gz", "rt", encoding="utf-8") as file:
        return [text for line in file if (text := clean(line, CleanSettings()))]


if __name__ == "__main__":
    main()
