"""Reads cleaned texts of examples with their tokens and labels, for the stages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Labels
from pipeline.prepare.examples import read_examples, tokens_of
from pipeline.storage import names
from pipeline.storage.manifest import Manifest


class Documents(NamedTuple):
    """Some examples: cleaned texts, their tokens (None if they are not read), their labels."""

    texts: list[str]
    tokens: Iterator[list[str]] | None
    labels: Labels


NO_DOCUMENTS = Documents([], None, np.zeros(0, np.float32))


def read_documents(
    examples: Manifest, tokens: Manifest | None, *splits: str, most: int | None = None
) -> Documents:
    """The examples of some splits, at most ``most``; without tokens if ``tokens`` is None."""
    path = examples.path(names.EXAMPLES)
    texts, labels = read_examples(path, *splits, most=most)
    if tokens is None:
        return Documents(texts, None, labels)
    own = tokens_of(path, tokens.path(names.TOKENS), *splits, most=most)
    return Documents(texts, own, labels)
