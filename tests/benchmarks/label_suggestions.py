"""A hundred labels by hand: the reviews that `label suggest` chooses compared with a random sample.

The industries, their test sets and their roles are those of ``tests.benchmarks.domains``. Each draw
takes two thirds of an industry's other reviews, at least 1,000, as reviews without a label. From
these the product chooses some as `label suggest` does before anything is trained; their known
labels stand for a person's. A random sample of the same size is drawn from the same reviews, again
if it lacks two reviews of a class. Both train the n-grams joined with the starter and their
threshold, as a run does; with ``--product`` the whole network.

Prints progress on stderr and one JSON line: macro-F1 on the test set, complaints among the labels,
and the ratios of both, suggested to random.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.arrays import Integers
from pipeline.label.selection import choose
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.adaptation import adapt
from pipeline.settings import Settings, load_settings
from pipeline.stages.crawl import crawl
from pipeline.stages.documents import read_documents
from pipeline.stages.ngrams import fit_ngrams
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.target import thresholds
from pipeline.target.base import Predicted, Target
from pipeline.target.binary import BINARY
from tests.benchmarks.domains import DOMAINS, of_product, write_sources
from tests.benchmarks.domains_figures import measure
from tests.benchmarks.domains_industries import (
    CHOOSING,
    CONFIRMING,
    FEWEST_OF_CLASS,
    Industry,
    read_industry,
)

POOL_SHARE = 2 / 3
FEWEST_IN_POOL = 1_000
WAYS = ("suggested", "random")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=DOMAINS, help="folder of the reviews")
    known = [*CHOOSING, *CONFIRMING]
    parser.add_argument("--industries", nargs="+", default=known, choices=known)
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--product", action="store_true", help="train the whole network")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"no such folder: {options.folder}; name yours with --folder")
    settings = load_settings(overrides=["tokenizer.name=mecab"])
    results = {}
    for name in options.industries:
        industry = read_industry(options.folder, name, settings.clean)
        results[name] = compare(industry, options.labels, options.draws, product=options.product)
    ratios = {
        figure: [one["ratios"][figure] for one in results.values()]
        for figure in ("macro_f1", "complaints")
    }
    print(
        json.dumps(
            {
                "benchmark": "label_suggestions",
                "labels": options.labels,
                "draws": options.draws,
                "trained": "product" if options.product else "n-grams and starter",
                "industries": results,
                "mean_ratios": {key: round(statistics.mean(of), 3) for key, of in ratios.items()},
            }
        )
    )


def compare(industry: Industry, size: int, draws: int, *, product: bool) -> dict[str, Any]:
    """Compare both ways to choose the labelled reviews of an industry."""
    scores, complaints = defaultdict(list), defaultdict(list)
    for number in range(draws):
        for way, rows in choices(industry, size, number).items():
            with tempfile.TemporaryDirectory() as folder:
                workspace = Workspace(folder)
                workspace.check()
                target, predicted = train(workspace, industry, rows, number, product=product)
            score = measure(target, industry.labels[industry.test], predicted)["macro_f1"]
            scores[way].append(score)
            complaints[way].append(int(np.sum(industry.labels[rows] == 0)))
            print(f"{industry.name}, draw {number + 1}: {way} {score:.3f}", file=sys.stderr)
    means = {way: statistics.mean(scores[way]) for way in WAYS}
    found = {way: statistics.mean(complaints[way]) for way in WAYS}
    return {
        "macro_f1": {
            way: {"mean": round(means[way], 4), "of": [round(one, 4) for one in scores[way]]}
            for way in WAYS
        },
        "complaints_among_labels": found,
        "ratios": {
            "macro_f1": round(means["suggested"] / means["random"], 3),
            "complaints": round(found["suggested"] / found["random"], 2),
        },
    }


def choices(industry: Industry, size: int, number: int) -> dict[str, Integers]:
    """The rows to label, chosen in each way from the same reviews."""
    random = np.random.default_rng([size, number])
    count = max(FEWEST_IN_POOL, round(POOL_SHARE * len(industry.rest)))
    pool = random.permutation(industry.rest)[:count]
    texts = industry.texts_of(pool)
    positive = BINARY.positive(BINARY.link.probabilities(adapt(texts).logits))
    suggested = pool[choose(texts, positive, size)]
    while True:
        sample = random.choice(pool, size, replace=False)
        counts = np.bincount(industry.labels[sample].astype(np.intp), minlength=2)
        if counts.min() >= FEWEST_OF_CLASS:
            return {"suggested": suggested, "random": sample}


def train(
    workspace: Workspace, industry: Industry, rows: Integers, number: int, *, product: bool
) -> tuple[Target, Predicted]:
    """Train on the labelled reviews, and predict the test set."""
    sources = write_sources(workspace, industry, rows, number)
    overrides = [*sources, f"train.seed={number + 1}", "tokenizer.name=mecab"]
    settings = load_settings(overrides=overrides)
    if product:
        return of_product(workspace, settings, industry.texts_of(industry.test))
    target, found = of_ngrams(workspace, settings)
    return target, np.array([found[text] for text in industry.texts_of(industry.test)])


def of_ngrams(workspace: Workspace, settings: Settings) -> tuple[Target, dict[str, float]]:
    """Fit the wide branch and its threshold as a run does, and predict each test text."""
    runner = Runner(workspace)
    first = prepare(runner, crawl(workspace, settings), settings)[0]
    weights, has_starter = settings.train.class_weights, settings.pretrain.starter
    fitted = runner.run(fit_ngrams, first.examples, first.tokens, weights, has_starter)
    with np.load(fitted.path(names.WIDE_HELD_OUT)) as held_out:
        known = BINARY.link.probabilities(held_out["logits"])
        target = thresholds.choose(BINARY, held_out["labels"], known, settings.train.threshold)
    regression = NgramRegression.load(fitted.folder)
    test = read_documents(first.examples, first.tokens, "test")
    logits = regression.logits(regression.features(test.texts, test.tokens))
    predicted = BINARY.link.probabilities(logits).tolist()
    return target, dict(zip(test.texts, predicted, strict=True))


if __name__ == "__main__":
    main()
