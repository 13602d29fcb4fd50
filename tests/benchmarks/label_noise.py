"""Label noise of the film reviews, seen in texts that occur more than once.

Two reviews of the same text should have the same label. If each label is wrong with probability e,
independently, a pair disagrees with probability 2 e (1 - e). Each pair of equal texts counts, each
text by the same weight; texts are grouped by length, since the shortest ones say least. The
interval is a bootstrap over texts. Short texts repeat more than long ones, so this tells little
about the whole. Reads the training file only and prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from tests.conftest import MOVIES

LENGTHS = {"up to 5 characters": 5, "6 to 10": 10, "11 and more": 10**9}
SAMPLES = 2_000


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the film reviews")
    labels = read_labels(parser.parse_args().movies / "ratings_train.txt.gz")
    repeated = {text: own for text, own in labels.items() if len(own) > 1}
    kinds: dict[str, list[float]] = defaultdict(list)
    for text, own in repeated.items():
        kind = next(name for name, most in LENGTHS.items() if len(text) <= most)
        kinds[kind].append(disagreement(own))
        kinds["all"].append(disagreement(own))
    print(
        json.dumps(
            {
                "benchmark": "label_noise",
                "reviews": sum(map(len, labels.values())),
                "repeated_texts": len(repeated),
                "wrong_labels": {name: describe(np.array(kinds[name])) for name in kinds},
            }
        )
    )


def read_labels(path: Path) -> dict[str, list[int]]:
    """The labels of each cleaned text."""
    labels: dict[str, list[int]] = defaultdict(list)
    cleaning = CleanSettings()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            _, text, label = line.rstrip("\n").split("\t")
            labels[clean(text, cleaning)].append(int(label))
    labels.pop("", None)
    return labels


def disagreement(labels: list[int]) -> float:
    """Share of the pairs of reviews that disagree."""
    count, positive = len(labels), sum(labels)
    return positive * (count - positive) / math.comb(count, 2)


def describe(disagreements: npt.NDArray[np.float64]) -> dict[str, float | int | list[float]]:
    """Share of wrong labels with its 95 % interval."""
    random = np.random.default_rng(0)
    means = [random.choice(disagreements, len(disagreements)).mean() for _ in range(SAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "texts": len(disagreements),
        "share": round(share_of_wrong(float(disagreements.mean())), 4),
        "interval": [round(share_of_wrong(float(one)), 4) for one in (low, high)],
    }


def share_of_wrong(disagreement: float) -> float:
    """Solve 2 e (1 - e) for e."""
    return (1 - math.sqrt(max(0.0, 1 - 2 * disagreement))) / 2


if __name__ == "__main__":
    main()
