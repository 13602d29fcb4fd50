"""Evaluation: figures on the test split beside the baseline's, and the report."""

from __future__ import annotations

import json
from pathlib import Path

from prefect import flow
from scipy.special import expit

from flows.ngrams import fit_baseline
from flows.prepare import Prepared
from flows.stage import Output, stage
from pipeline import evaluate as evaluation
from pipeline import report
from pipeline.dataset import load_split
from pipeline.examples import read_examples
from pipeline.ngrams import NgramRegression
from pipeline.predict import is_wide, load_model, probabilities
from pipeline.settings import EvaluateSettings, Settings
from pipeline.workspace import Manifest, Workspace, write_json


@stage("metrics", version=evaluation.VERSION)
def compute_metrics(
    folder: Path,
    labelled: Manifest,
    numbered: Manifest,
    dataset: Manifest,
    model: Manifest,
    compared: Manifest,
    settings: EvaluateSettings,
) -> Output:
    """Compare the network with the baseline on the test split."""
    sequences, labels = load_split(dataset.path("dataset.npz"), "test")
    texts, _ = read_examples(labelled.path("examples.parquet"), "test")
    baseline = NgramRegression.load(compared.folder)
    features = baseline.features(texts)
    network = load_model(model.path("model.keras"))
    predicted = {
        "network": probabilities(network, sequences, features if is_wide(model) else None),
        "baseline": expit(baseline.logits(features)),
    }
    metrics = evaluation.evaluate(labels, predicted, settings)
    metrics["mistakes"] = evaluation.mistakes(
        labelled.path("examples.parquet"), predicted["network"]
    )
    metrics["vocabulary"] = numbered.details | dataset.details
    write_json(folder / "metrics.json", metrics)
    return Output(["metrics.json"], len(labels), {})


@stage("report", version=report.VERSION)
def write_report(
    folder: Path,
    source: str,
    snapshot: Manifest,
    labelled: Manifest,
    model: Manifest,
    metrics: Manifest,
) -> Output:
    """Render the report."""
    report.write_report(
        folder / "report.html",
        source=source,
        reviews=snapshot.path("reviews.parquet"),
        metrics=json.loads(metrics.path("metrics.json").read_bytes()),
        crawl=snapshot.details,
        examples=labelled.details,
        training=model.details,
    )
    return Output(["report.html"], snapshot.rows, {})


@flow(flow_run_name="evaluate {settings.source.kind}")
def evaluate(
    workspace: Workspace,
    snapshot: Manifest,
    prepared: Prepared,
    model: Manifest,
    settings: Settings,
) -> Manifest:
    """Evaluate a model on the test split and write the report; returns the report's manifest."""
    compared = fit_baseline(workspace, prepared.examples)
    metrics = compute_metrics(
        workspace,
        prepared.examples,
        prepared.vocabulary,
        prepared.dataset,
        model,
        compared,
        settings.evaluate,
    )
    return write_report(
        workspace,
        settings.source.title,
        snapshot,
        prepared.examples,
        model,
        metrics,
    )
