"""The baseline that every report shows: TF-IDF of character n-grams and logistic regression."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

logger = logging.getLogger(__name__)

VERSION = 1
NGRAMS = (1, 4)


def baseline_probabilities(examples: Path) -> npt.NDArray[np.float64]:
    """Train on ``examples.parquet``; return the probability of positive for each test example.

    All examples but those of the test split are trained on: the network sees as many, part of
    them to know when to stop.

    This is what a notebook of scikit-learn does: ``TfidfVectorizer`` of character 1-4-grams that
    occur twice or more, with sublinear term frequency, then ``LogisticRegression``.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    begun = time.monotonic()
    table = pq.read_table(examples, columns=["text", "label", "split"])
    is_test = pc.equal(table["split"], "test")
    known, test = table.filter(pc.invert(is_test)), table.filter(is_test)
    pipeline: Any = make_pipeline(
        TfidfVectorizer(
            analyzer="char", ngram_range=NGRAMS, min_df=2, sublinear_tf=True, dtype=np.float32
        ),
        LogisticRegression(C=4.0, max_iter=300),
    )
    pipeline.fit(known["text"].to_pylist(), known["label"].to_pylist())
    probabilities = pipeline.predict_proba(test["text"].to_pylist())[:, 1].astype(np.float64)
    logger.info("baseline trained on %d rows in %.0f s", known.num_rows, time.monotonic() - begun)
    return np.asarray(probabilities)
