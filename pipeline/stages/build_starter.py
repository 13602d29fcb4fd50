"""Trains the starter: ``python -m pipeline.stages.build_starter FOLDER --teacher MODEL``.

The folder holds Naver film reviews, licence CC0: the labelled ``ratings_train.txt`` and
``ratings_test.txt`` and, one a line, further ones in ``unlabeled.txt`` (all also ``.gz``). A model
that was trained on them labels the further ones, and the starter learns its probabilities
(knowledge distillation: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
Prints one JSON line: where the file is, its SHA-256, and its figures on the film test split.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.errors import SourceError
from pipeline.predict.load import load_model
from pipeline.prepare.clean import clean
from pipeline.prepare.unlabeled import read_unlabeled
from pipeline.settings import CleanSettings
from pipeline.stages.build_starter_network import build_network
from pipeline.starter import soft_regression
from pipeline.starter.hashed_regression import (
    BITS,
    IDF_STEPS,
    TEXTS_AT_ONCE,
    HashedRegression,
    tf_idf,
)
from pipeline.starter.hashing import counts
from pipeline.starter.starter import FILE, Starter, text_hashes, without_spaces
from pipeline.storage.tables import open_table

if TYPE_CHECKING:
    import scipy.sparse as sp

DEFAULT = Path(__file__).parents[2] / "data" / "starter" / FILE
C = 4.0
"""Inverse regularization strength."""
LARGEST_WEIGHT = 127
ASKED_AT_ONCE = 20_000
CLIPPED = 2e-5
"""Share of the weights that are clipped to the largest 8-bit value."""


def build(texts: Sequence[str], shares: Floats, known: Sequence[str]) -> Starter:
    """Train on cleaned texts.

    Args:
        texts: Texts to train on.
        shares: 1 for a positive text, 0 for a negative one, or a probability in between.
        known: The texts that had labels.
    """
    bare = [without_spaces(text) for text in texts]
    hashed = {one for one in text_hashes(known) if one >= 0}
    return Starter(
        _build_ngrams(bare, shares),
        build_network(bare, shares),
        np.array(sorted(hashed), np.uint32),
    )


def _build_ngrams(texts: Sequence[str], shares: Floats) -> HashedRegression:
    matrix = _count_matrix(texts)
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    exact = np.log((1 + len(texts)) / (1 + frequency)) + 1
    idf = np.round(exact * IDF_STEPS).astype(np.uint8)
    _scale_rows(matrix, idf / IDF_STEPS)
    weights, intercept = soft_regression.fit(matrix, shares, C)
    largest = float(np.quantile(np.abs(weights[frequency > 0]), 1 - CLIPPED))
    units = np.clip(np.round(weights / largest * LARGEST_WEIGHT), -LARGEST_WEIGHT, LARGEST_WEIGHT)
    return HashedRegression(
        weights=units.astype(np.int8),
        scale=largest / LARGEST_WEIGHT,
        idf=idf,
        intercept=intercept,
    )


def _count_matrix(texts: Sequence[str]) -> sp.csr_matrix:
    import scipy.sparse as sp

    parts = []
    for begin in range(0, len(texts), TEXTS_AT_ONCE):
        found = counts(texts[begin : begin + TEXTS_AT_ONCE], BITS)
        shape = (len(found.offsets) - 1, 1 << BITS)
        parts.append(sp.csr_matrix((found.counts, found.buckets, found.offsets), shape, np.float32))
    return sp.vstack(parts).tocsr()


def _scale_rows(matrix: sp.csr_matrix, idf: Floats) -> None:
    """Turn counts into TF-IDF with rows of unit length, in place."""
    from sklearn.preprocessing import normalize

    matrix.data = tf_idf(matrix.data, idf[matrix.indices]).astype(np.float32)
    normalize(matrix, copy=False)


def read_films(folder: Path, name: str) -> tuple[list[str], Labels]:
    """Cleaned texts and labels of one file of the film reviews."""
    found = [path for path in (folder / f"{name}.gz", folder / name) if path.exists()]
    if not found:
        raise SourceError(f"no {name} or {name}.gz in {folder}")
    texts, labels, settings = [], [], CleanSettings()
    with open_table(found[0]) as (_, rows):
        for row in rows:
            if text := clean(row.text("document"), settings):
                texts.append(text)
                labels.append(float(row.text("label")))
    return texts, np.array(labels)


def _ask(teacher: Path, folder: Path) -> tuple[list[str], Floats]:
    """Cleaned unlabelled texts, and the teacher's probability of positive for each."""
    (path, *_) = [one for one in folder.glob("unlabeled.txt*") if one.is_file()]
    settings, model = CleanSettings(), load_model(teacher)
    texts = [text for raw in read_unlabeled(path) if (text := clean(raw, settings))]
    parts = [
        model.predict(texts[begin : begin + ASKED_AT_ONCE])
        for begin in range(0, len(texts), ASKED_AT_ONCE)
    ]
    return texts, np.concatenate(parts)


def main() -> None:
    """Build, save and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--teacher", type=Path, help="folder of a trained model")
    parser.add_argument("--output", type=Path, default=DEFAULT)
    options = parser.parse_args()
    started = time.monotonic()
    texts, labels = read_films(options.folder, "ratings_train.txt")
    further: list[str] = []
    answers = np.zeros(0)
    if options.teacher:
        further, answers = _ask(options.teacher, options.folder)
    built = build([*texts, *further], np.concatenate([labels, answers]), texts)
    built.save(options.output)
    seconds = time.monotonic() - started
    test, truth = read_films(options.folder, "ratings_test.txt")
    content = options.output.read_bytes()
    print(
        json.dumps(
            {
                "file": str(options.output),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "labelled": len(texts),
                "distilled": len(further),
                "seconds": round(seconds),
                "film_test_accuracy": round(float(np.mean((built.logits(test) > 0) == truth)), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
