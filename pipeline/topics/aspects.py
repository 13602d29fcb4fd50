"""Groups topics by the source's aspects, or by clusters of topics that have similar neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Floats, Integers
from pipeline.runtime import one_blas_thread
from pipeline.topics.documents import Documents
from pipeline.topics.terms import Occurrences

MIN_ASPECTS = 2
MIN_ASPECT_SHARE = 0.05
"""Minimum share of texts that belong to an aspect."""
NEIGHBOURS = 5
PRIOR = 2.0
"""Weight of a topic's neighbours, as a number of mentions."""
MOST_CLUSTERS = 8
TOPICS_PER_CLUSTER = 5
STARTS = 10
"""Random starts of k-means; the best result is used."""
NAMED_AFTER = 2
"""Number of topics that a cluster is named after."""


def source_aspects(documents: Documents) -> list[str]:
    """The aspects of the source, sorted; none if too few texts belong to an aspect."""
    named = [aspect for aspect in documents.aspects if aspect]
    aspects = sorted(set(named))
    enough = len(named) >= MIN_ASPECT_SHARE * len(documents)
    return aspects if enough and len(aspects) >= MIN_ASPECTS else []


def by_source(
    documents: Documents, found: Occurrences, vectors: Floats, aspects: Sequence[str]
) -> list[str]:
    """The aspect whose texts mention each topic most, relative to its number of texts.

    The topics with the most similar meaning also count a little, which matters for rare topics.
    """
    index = {aspect: place for place, aspect in enumerate(aspects)}
    of_text = np.array([index.get(aspect, -1) for aspect in documents.aspects])
    count = len(found.names)
    here = of_text[found.texts]
    keys = found.ids[here >= 0] * len(aspects) + here[here >= 0]
    table = np.bincount(keys, minlength=count * len(aspects)).reshape(count, len(aspects))
    sizes = np.bincount(of_text[of_text >= 0], minlength=len(aspects))
    weighted = table * (sizes.mean() / np.maximum(sizes, 1))
    shares = weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1)
    similar = np.maximum(vectors @ vectors.T, 0)
    np.fill_diagonal(similar, 0)
    if count > NEIGHBOURS:
        least = np.partition(similar, -NEIGHBOURS, axis=1)[:, [-NEIGHBOURS]]
        similar = np.where(similar >= least, similar, 0)
    around = similar @ shares
    around /= np.maximum(around.sum(axis=1, keepdims=True), 1e-9)
    return [aspects[one] for one in (weighted + PRIOR * around).argmax(axis=1)]


def by_cluster(mentions: Integers, names: Sequence[str], vectors: Floats) -> list[str]:
    """The cluster of each topic, named after its most mentioned topics.

    k-means on unit vectors, whose squared distances are twice the cosine distances. Its clusters
    have similar sizes; hierarchical clustering puts most topics into one cluster.

    Args:
        mentions: Number of reviews that mention each topic, shape (topics,).
        names: Names of the topics.
        vectors: Their unit vectors.
    """
    if len(names) < 2 * TOPICS_PER_CLUSTER:
        return [_name(list(range(len(names))), mentions, names)] * len(names)
    from sklearn.cluster import KMeans

    clusters = min(MOST_CLUSTERS, len(names) // TOPICS_PER_CLUSTER)
    with one_blas_thread():
        numbers = KMeans(clusters, n_init=STARTS, random_state=0).fit_predict(vectors)
    named = {
        number: _name(np.flatnonzero(numbers == number).tolist(), mentions, names)
        for number in set(numbers.tolist())
    }
    return [named[number] for number in numbers.tolist()]


def _name(members: Sequence[int], mentions: Integers, names: Sequence[str]) -> str:
    central = sorted(members, key=lambda one: (-mentions[one], names[one]))[:NAMED_AFTER]
    return " · ".join(names[one] for one in central)
