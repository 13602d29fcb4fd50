"""Vectors of terms from their neighbouring words: PPMI and a singular value decomposition.

Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", 2014; contexts are
smoothed as in Levy, Goldberg and Dagan, "Improving Distributional Similarity", 2015.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.arrays import Floats, Integers
from pipeline.runtime import one_blas_thread
from pipeline.topics.terms import Occurrences
from pipeline.topics.words import Words

DIMENSIONS = 50
WINDOW = 3
"""Number of neighbouring words on each side."""
CONTEXT_LETTERS = 2
"""Words with the same first letters count as one context, because endings vary."""
SMOOTHING = 0.75


def term_vectors(words: Words, found: Occurrences, terms: Integers) -> Floats:
    """Unit vectors of terms; terms with similar neighbours have a high cosine similarity.

    Args:
        words: The words of the texts.
        found: Occurrences in the same texts.
        terms: The terms, indices into ``found.names``.

    Returns:
        Shape (terms, dimensions); zeros for a term without neighbours.
    """
    import scipy.sparse as sp
    from scipy.sparse.linalg import svds

    row_of = np.full(len(found.names), -1)
    row_of[terms] = np.arange(len(terms))
    kept = row_of[found.ids] >= 0
    rows, of_text = row_of[found.ids[kept]], found.texts[kept]
    contexts: dict[str, int] = {}
    numbers = np.array(
        [contexts.setdefault(word[:CONTEXT_LETTERS], len(contexts)) for word in words.types],
        np.int64,
    )
    places = _word_places(words, of_text, found.begins[kept])
    lefts, rights = [], []
    for step in (*range(-WINDOW, 0), *range(1, WINDOW + 1)):
        beside = places + step
        inside = (beside >= 0) & (beside < len(words.ids))
        inside[inside] = words.texts[beside[inside]] == of_text[inside]
        lefts.append(rows[inside])
        rights.append(numbers[words.ids[beside[inside]]])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    shape = len(terms), max(len(contexts), 1)
    counts = sp.coo_matrix((np.ones(len(left)), (left, right)), shape).tocsr()
    counts.sum_duplicates()
    ppmi = _ppmi(counts.tocoo())
    size = min(DIMENSIONS, min(shape) - 1)
    if size < 1 or not ppmi.nnz:
        return np.zeros((len(terms), 1))
    start = np.random.default_rng(0).normal(size=min(shape))
    with one_blas_thread():
        vectors, strengths, _ = svds(ppmi, size, v0=start)
    vectors = vectors * np.sqrt(strengths)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9))


def _word_places(words: Words, texts: Integers, begins: Integers) -> Integers:
    """The word that each occurrence begins in."""
    size = int(max(words.begins.max(initial=0), begins.max(initial=0))) + 1
    keys = words.texts * size + words.begins
    return np.searchsorted(keys, texts * size + begins, side="right") - 1


def _ppmi(counts: Any) -> Any:
    """Positive pointwise mutual information of a sparse table of counts."""
    import scipy.sparse as sp

    total = counts.sum()
    of_row = np.asarray(counts.sum(axis=1)).ravel()
    of_column = np.asarray(counts.sum(axis=0)).ravel() ** SMOOTHING
    of_column *= total / max(of_column.sum(), 1e-9)
    values = np.log(counts.data * total / (of_row[counts.row] * of_column[counts.col]))
    kept = values > 0
    return sp.csr_matrix((values[kept], (counts.row[kept], counts.col[kept])), counts.shape)
