"""Few labels of other industries: this project compared with the usual notebook.

Six industries, each with reviews of its own. A fixed random sample of each is the test set: 2,000
reviews, or 40 % where there are fewer than 4,000. Each draw samples the training reviews from the
others; an industry with fewer others than labels asked for gives all it has. Ratings up to 2 are
complaints, from 4 positive; of texts that are equal after cleaning the first is kept. Those between
are never tested: as many of them as come with the drawn reviews are there to train on, with their
rating. A draw has at least two reviews of each class, one to train on and one to validate on: a
sample with fewer is drawn again, and the output says how often.

Choices may be made on three of the industries (``CHOOSING``); the others only confirm them. The
models:

* ``ours``: the crawl, preparation and training of a run, with the test set as
  ``source.test_path``; the reviews that could be drawn but were not are there without labels, as
  where somebody labels some of their reviews. Without labels what `predict` answers for the test
  set as a table; beside it ``starter``, which does not adapt to the table.
* ``ours_without_starter``: the same with ``pretrain.starter=false``; with ``--without-starter``.
* ``baseline``, ``baseline_balanced``: the n-gram regression without and with balanced class
  weights, fitted to all labels, at a threshold of 0.5.
* ``baseline_of_report``: the baseline of the report, whose class weights and threshold are chosen
  on the validation split.

``--workspace`` keeps the workspace, so that an interrupted benchmark continues. Prints progress on
stderr and one JSON line.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.arrays import Integers
from pipeline.errors import SettingsError
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.adaptation import adapt
from pipeline.predict.predictor import Predictor
from pipeline.settings import Settings, load_settings
from pipeline.stages.baseline import fit_baseline
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.stages.train import train
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.target.base import Predicted, Target
from pipeline.target.binary import BINARY
from pipeline.target.kinds import read_target
from tests.benchmarks.domains_figures import Figures, measure, ratios, summarize
from tests.benchmarks.domains_industries import (
    CHOOSING,
    CONFIRMING,
    FEWEST,
    Industry,
    describe,
    draw,
    draw_neutral,
    read_industry,
)
from tests.processes import ROOT

DOMAINS = ROOT.parent / "shared" / "data" / "domains"
LABELS = ("negative", "positive")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=DOMAINS, help="folder of the reviews")
    known = [*CHOOSING, *CONFIRMING]
    parser.add_argument("--industries", nargs="+", default=known, choices=known)
    parser.add_argument("--labels", type=int, nargs="+", default=[0, 100, 300, 1_000, 2_000])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--without-starter", action="store_true", help="also without the starter")
    parser.add_argument("--workspace", type=Path, help="folder to keep; default: temporary")
    parser.add_argument("--set", action="append", default=[], metavar="section.key=value")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"no such folder: {options.folder}; name yours with --folder")
    if any(0 < size < FEWEST for size in options.labels):
        parser.error(f"--labels: 0, or at least {FEWEST}")
    variants = {"ours": options.set}
    if options.without_starter:
        variants["ours_without_starter"] = [*options.set, "pretrain.starter=false"]
    try:
        cleaning, *_ = [load_settings(overrides=one).clean for one in variants.values()]
    except SettingsError as error:
        parser.error(str(error))
    industries = [read_industry(options.folder, name, cleaning) for name in options.industries]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(options.workspace or folder)
        workspace.check()
        results = {
            f"{size}": compare(workspace, industries, size, options.draws, variants)
            for size in options.labels
        }
    print(
        json.dumps(
            {
                "benchmark": "domains",
                "cpus": len(os.sched_getaffinity(0)),
                "settings": options.set,
                "draws": options.draws,
                "choosing": [name for name in options.industries if name in CHOOSING],
                "confirming": [name for name in options.industries if name in CONFIRMING],
                "industries": {industry.name: describe(industry) for industry in industries},
                "labels": results,
            }
        )
    )


def compare(
    workspace: Workspace,
    industries: list[Industry],
    size: int,
    draws: int,
    variants: dict[str, list[str]],
) -> dict[str, Any]:
    """Compare all models trained on a number of labels."""
    figures: dict[str, dict[str, list[Figures]]] = defaultdict(lambda: defaultdict(list))
    seconds, drawn_again = [], dict.fromkeys((industry.name for industry in industries), 0)
    for industry, number in itertools.product(industries, range(draws if size else 1)):
        predictions = predict_without_labels(industry)
        if size:
            rows, again = draw(industry, size, number)
            drawn_again[industry.name] += again
            predictions = train_and_predict(workspace, industry, rows, number, variants)
        started = time.monotonic()
        for model, target, predicted in predictions:
            took = time.monotonic() - started
            found = measure(target, industry.labels[industry.test], predicted)
            figures[model][industry.name].append(found)
            if model in variants:
                seconds.append(took)
            print(
                f"{industry.name}, {size:,} labels, draw {number + 1}: {model} "
                f"{found['macro_f1']:.3f}, {took:.1f} s",
                file=sys.stderr,
            )
            started = time.monotonic()
    complaints = {industry.name: describe(industry)["test_complaints"] for industry in industries}
    summaries = {model: summarize(each, complaints) for model, each in figures.items()}
    return {
        "models": summaries,
        "ratios_to_balanced": ratios(summaries),
        "drawn_again": drawn_again,
        "seconds_of_ours": round(statistics.mean(seconds), 1),
    }


def predict_without_labels(industry: Industry) -> Iterator[tuple[str, Target, Predicted]]:
    """Predict the test set as a table before anything is trained, and with the starter as it is."""
    texts = industry.texts_of(industry.test)
    for name, logits in (
        ("ours", adapt(texts).logits),
        ("starter", Starter.load().logits(texts)),
    ):
        yield name, BINARY, BINARY.link.probabilities(logits)


def train_and_predict(
    workspace: Workspace,
    industry: Industry,
    rows: Integers,
    number: int,
    variants: dict[str, list[str]],
) -> Iterator[tuple[str, Target, Predicted]]:
    """Train each model in turn; yields its name, its target and what it predicts for the test."""
    texts = industry.texts_of(industry.test)
    sources = write_sources(workspace, industry, rows, number)
    for name, changes in variants.items():
        settings = load_settings(overrides=[*sources, f"train.seed={number + 1}", *changes])
        yield name, *of_product(workspace, settings, texts)
    learnt = industry.texts_of(rows), industry.labels[rows]
    for name, weights in {"baseline": None, "baseline_balanced": "balanced"}.items():
        regression = NgramRegression.fit(*learnt, class_weights=weights)
        yield name, BINARY, of_regression(regression, texts)
    settings = load_settings(overrides=[*sources, *variants["ours"]])
    yield "baseline_of_report", *of_report(workspace, settings, texts)


def of_product(
    workspace: Workspace, settings: Settings, texts: list[str]
) -> tuple[Target, Predicted]:
    """Train as a run does, and predict texts with the model."""
    runner = Runner(workspace)
    prepared = prepare(runner, crawl(workspace, settings), settings)
    model = train(runner, prepared, settings).model
    predictor = Predictor(model, workspace.memo_folder)
    return predictor.target, predictor.predict(texts)


def of_report(
    workspace: Workspace, settings: Settings, texts: list[str]
) -> tuple[Target, Predicted]:
    """Fit the baseline as a run does, and predict texts with it."""
    runner = Runner(workspace)
    first = prepare(runner, crawl(workspace, settings), settings)[0]
    of_training = settings.train.class_weights, settings.train.threshold
    fitted = runner.run(fit_baseline, first.examples, *of_training)
    regression = NgramRegression.load(fitted.folder)
    return read_target(fitted.path(names.TARGET)), of_regression(regression, texts)


def of_regression(regression: NgramRegression, texts: list[str]) -> Predicted:
    """Predict texts with an n-gram regression."""
    return BINARY.link.probabilities(regression.logits(regression.features(texts)))


def write_sources(
    workspace: Workspace, industry: Industry, rows: Integers, number: int
) -> tuple[str, ...]:
    """Write the reviews to train on and to test on as files; returns the settings of the source."""
    folder = workspace.root / "domains"
    folder.mkdir(exist_ok=True)
    training = folder / f"{industry.name}-{len(rows)}-{number + 1}.jsonl"
    test = folder / f"{industry.name}-test.jsonl"
    labelled = {*rows.tolist(), *industry.test.tolist()}
    for path, some in {training: industry.rest, test: industry.test}.items():
        lines = [
            {
                "id": f"{row}",
                "document": industry.texts[row],
                "label": LABELS[int(industry.labels[row])] if row in labelled else None,
            }
            for row in some
        ]
        if path == training:
            neutral = draw_neutral(industry, len(rows), number)
            lines += [
                {"id": f"neutral-{place}", "document": text, "rating": rating}
                for place, (text, rating) in enumerate(neutral)
            ]
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        path.write_text(content, encoding="utf-8")
    return "source.kind=file", f"source.path={training}", f"source.test_path={test}"


if __name__ == "__main__":
    main()
