"""Trains the starter: ``python -m pipeline.starter.build FOLDER``.

The folder holds the labelled Naver film reviews, ``ratings_train.txt`` and ``ratings_test.txt``
(also ``.gz``), from github.com/e9t/nsmc, licence CC0. Takes three minutes and 3 GB. Prints one JSON
line: where the file is, its SHA-256, and its figures on the film test split.
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
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from pipeline.starter.hashing import counts
from pipeline.starter.starter import (
    BITS,
    FILE,
    IDF_STEPS,
    TEXTS_AT_ONCE,
    Starter,
    text_hashes,
    tf_idf,
    without_spaces,
)
from pipeline.storage.tables import open_table

if TYPE_CHECKING:
    import scipy.sparse as sp

DEFAULT = Path(__file__).parents[2] / "data" / "starter" / FILE
C = 4.0
"""Inverse regularization strength."""
LARGEST_WEIGHT = 127
CLIPPED = 2e-5
"""Share of the weights that 8 bits cut to the largest one."""


def build(texts: Sequence[str], labels: Labels) -> Starter:
    """Train on cleaned texts and their labels, 1 for positive and 0 for negative."""
    from sklearn.linear_model import LogisticRegression

    matrix = _count_matrix(texts)
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    exact = np.log((1 + len(texts)) / (1 + frequency)) + 1
    idf = np.round(exact * IDF_STEPS).astype(np.uint8)
    _scale_rows(matrix, idf / IDF_STEPS)
    model = LogisticRegression(C=C, max_iter=300).fit(matrix, labels)
    weights = model.coef_[0]
    largest = float(np.quantile(np.abs(weights[frequency > 0]), 1 - CLIPPED))
    units = np.clip(np.round(weights / largest * LARGEST_WEIGHT), -LARGEST_WEIGHT, LARGEST_WEIGHT)
    hashed = {one for one in text_hashes(texts) if one >= 0}
    return Starter(
        weights=units.astype(np.int8),
        scale=largest / LARGEST_WEIGHT,
        idf=idf,
        intercept=float(model.intercept_[0]),
        known=np.array(sorted(hashed), np.uint32),
    )


def _count_matrix(texts: Sequence[str]) -> sp.csr_matrix:
    import scipy.sparse as sp

    parts = []
    for begin in range(0, len(texts), TEXTS_AT_ONCE):
        own = [without_spaces(text) for text in texts[begin : begin + TEXTS_AT_ONCE]]
        found = counts(own, BITS)
        shape = (len(own), 1 << BITS)
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


def main() -> None:
    """Build, save and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=DEFAULT)
    options = parser.parse_args()
    started = time.monotonic()
    texts, labels = read_films(options.folder, "ratings_train.txt")
    built = build(texts, labels)
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
                "trained_on": len(texts),
                "seconds": round(seconds),
                "film_test_accuracy": round(float(np.mean((built.logits(test) > 0) == truth)), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
