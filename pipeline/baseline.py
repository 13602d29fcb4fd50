"""The baseline that every report shows: logistic regression over character n-grams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import expit

from pipeline.ngrams import NgramRegression

VERSION = 2


def baseline_probabilities(examples: Path) -> npt.NDArray[np.float64]:
    """Train on ``examples.parquet``; return the probability of positive for each test example.

    All examples but those of the test split are trained on: the network sees as many, part of
    them to know when to stop.
    """
    table = pq.read_table(examples, columns=["text", "label", "split"])
    is_test = pc.equal(table["split"], "test")
    known, test = table.filter(pc.invert(is_test)), table.filter(is_test)
    regression = NgramRegression.fit(known["text"].to_pylist(), known["label"].to_pylist())
    features = regression.features(test["text"].to_pylist())
    return np.asarray(expit(regression.logits(features)), np.float64)
