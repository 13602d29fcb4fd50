"""Clusters of topics where a source has no aspects."""

import numpy as np

from pipeline.topics.aspects import MOST_CLUSTERS, by_cluster


def around(centres: np.ndarray, count: int, spread: float) -> np.ndarray:
    chance = np.random.default_rng(0)
    vectors = np.repeat(centres, count, axis=0)
    vectors = vectors + spread * chance.normal(size=vectors.shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_topics_with_like_neighbours_share_a_cluster() -> None:
    names = [f"{kind}{number}" for kind in ("방", "길", "밥") for number in range(5)]
    mentions = np.array([*range(5), *range(5), *range(5)])
    found = by_cluster(mentions, names, around(np.eye(50)[:3], 5, 0.02))
    assert found == ["방4 · 방3"] * 5 + ["길4 · 길3"] * 5 + ["밥4 · 밥3"] * 5


def test_no_cluster_takes_most_topics() -> None:
    names = [str(number) for number in range(160)]
    vectors = around(np.eye(50)[:16], 10, 0.3)  # hardly any structure, as in short reviews
    _, sizes = np.unique(by_cluster(np.ones(160, int), names, vectors), return_counts=True)
    assert len(sizes) == MOST_CLUSTERS
    assert sizes.max() < 160 / 4


def test_few_topics_are_one_cluster() -> None:
    found = by_cluster(np.array([1, 3, 2]), ["가", "나", "다"], np.eye(3))
    assert found == ["나 · 다"] * 3
