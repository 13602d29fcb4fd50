"""Evaluation: figures on the test split beside the baseline's, and the report."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from flows.artifacts import show_evaluation
from flows.notify import notify
from flows.prefect_env import link_to
from flows.prefect_flow import flow
from flows.prepare import Prepared
from flows.promote import GAIN, compare_with, pass_gate
from flows.stage import Output, stage
from flows.train import Trained
from pipeline.evaluate import behaviour, drift
from pipeline.evaluate import scores as evaluation
from pipeline.evaluate.leakage import seen_before
from pipeline.evaluate.slices import read_rows, slices
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.prepare.examples import TARGET, overlap_of_groups, read_examples
from pipeline.prepare.sequences import load_split
from pipeline.report import html as page
from pipeline.settings import EvaluateSettings, Settings, TokenizerSettings
from pipeline.stages.explain import EXPLANATION, explain
from pipeline.stages.ngrams import fit_baseline
from pipeline.stages.predictions import predict_test, predict_test_with_baseline, read_predictions
from pipeline.storage.files import atomic_path, write_json
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import read_target

METRICS = "metrics.json"
TABLE = "predictions.parquet"
BEHAVIOUR = "behaviour.json"
PROFILE = "profile.json"


@stage("metrics", version=evaluation.VERSION)
def compute_metrics(
    folder: Path,
    snapshot: Manifest,
    labelled: Manifest,
    numbered: Manifest,
    dataset: Manifest,
    settings: EvaluateSettings,
    of_baseline: Manifest,
    *of_members: Manifest,
) -> Output:
    """Compare the network, or the mean of an ensemble, with the baseline on the test split."""
    sequences, labels = load_split(dataset.path("dataset.npz"), "test")
    predicted = read_predictions(of_baseline, *of_members)
    target = read_target(labelled.path(TARGET))
    examples = labelled.path("examples.parquet")
    rows = read_rows(examples, snapshot.path("reviews.parquet"))
    texts = rows["text"].to_pylist()
    each = {name: target.each(labels, one) for name, one in predicted.items()}
    metrics = evaluation.evaluate(labels, predicted, settings, target)
    metrics["slices"] = slices(rows, sequences.unknown_shares, each, target)
    metrics["leakage"] = evaluation.describe_leakage(
        *seen_before(read_examples(examples, "train", "validation")[0], texts),
        each["network"],
        overlap_of_groups(examples),
    )
    metrics["cautions"] = evaluation.cautions(metrics, labels, target)
    metrics["vocabulary"] = numbered.details | dataset.details
    write_json(folder / METRICS, metrics)
    with atomic_path(folder / TABLE) as temporary:
        pq.write_table(
            evaluation.predictions_table(rows["id"], texts, labels, predicted, target), temporary
        )
    return Output([METRICS, TABLE], len(labels), {})


@stage("behaviour", version=behaviour.VERSION)
def run_behaviour_tests(folder: Path, model: Manifest) -> Output:
    """Try the model on cases of negation, intensity, spelling and the like."""
    predictor = Predictor(model, folder.parent.parent / Workspace.MEMO)
    found = behaviour.run(lambda texts: predictor.target.positive(predictor.predict(texts)))
    write_json(folder / BEHAVIOUR, found)
    return Output([BEHAVIOUR], found["total"], {"passed": found["passed"]})


@stage("profile", version=drift.VERSION)
def profile_reviews(
    folder: Path, labelled: Manifest, tokens: Manifest, tokenizer: TokenizerSettings
) -> Output:
    """Describe the labelled reviews, for later runs to compare theirs with."""
    found = drift.profile(
        labelled.path("examples.parquet"),
        tokens.path("tokens.parquet"),
        read_target(labelled.path(TARGET)),
    )
    write_json(folder / PROFILE, found)
    details = {"tokenizer": tokenizer.model_dump(mode="json")}
    return Output([PROFILE], found["examples"], details)


@stage("report", version=page.VERSION)
def write_report(
    folder: Path,
    settings: Settings,
    snapshot: Manifest,
    labelled: Manifest,
    metrics: Manifest,
    tested: Manifest,
    explained: Manifest,
    profile: Manifest,
    before: Manifest | None,
    rival: int | None,
    compared: Manifest | None,
    *members: Manifest,
) -> Output:
    """Render the report."""
    changed = None
    if before:
        profiles = (json.loads(one.path(PROFILE).read_bytes()) for one in (profile, before))
        changed = drift.drift(*profiles)
    gained = json.loads(compared.path(GAIN).read_bytes()) if compared else None
    page.write_report(
        folder / "report.html",
        language=settings.report.language,
        source=settings.source.title,
        target=read_target(labelled.path(TARGET)),
        reviews=snapshot.path("reviews.parquet"),
        metrics=json.loads(metrics.path(METRICS).read_bytes()),
        behaviour=json.loads(tested.path(BEHAVIOUR).read_bytes()),
        explanation=json.loads(explained.path(EXPLANATION).read_bytes()),
        drift=changed,
        champion={"number": rival, **gained} if gained else None,
        crawl=snapshot.details,
        examples=labelled.details,
        training=[member.details for member in members],
        settings=settings.recipe,
    )
    return Output(["report.html"], snapshot.rows, {"drift": changed})


@flow(flow_run_name="evaluate {settings.source.kind}")
def evaluate(
    workspace: Workspace,
    snapshot: Manifest,
    prepared: list[Prepared],
    trained: Trained,
    settings: Settings,
) -> Manifest:
    """Evaluate a model on the test split and write the report; returns the report's manifest."""
    labelled, tokens, numbered, dataset = prepared[0]
    baseline = fit_baseline(workspace, labelled, settings.train.class_weights)
    predicted = [
        predict_test_with_baseline(workspace, labelled, baseline),
        *(
            predict_test(workspace, labelled, one.tokens, one.dataset, member)
            for one, member in zip(prepared, trained.members, strict=True)
        ),
    ]
    metrics = compute_metrics(
        workspace, snapshot, labelled, numbered, dataset, settings.evaluate, *predicted
    )
    explained = explain(workspace, labelled, tokens, trained.members[0], *predicted)
    tested = run_behaviour_tests(workspace, trained.model)
    profile = profile_reviews(workspace, labelled, tokens, settings.of_members[0].tokenizer)
    registry = Registry(workspace)
    rival, before, compared = registry.rival_of(trained.model), None, None
    if rival and (known := registry.model_of(rival)):
        compared = compare_with(workspace, labelled, known, *predicted)
        before = registry.profile_of(rival)
    if before and (before.digest == profile.digest or before.details != profile.details):
        before = None  # the same reviews, or other words because they were cut by another tagger
    report = write_report(
        workspace,
        settings,
        snapshot,
        labelled,
        metrics,
        tested,
        explained,
        profile,
        before,
        rival.number if rival else None,
        compared,
        *trained.members,
    )
    changed = report.details["drift"]
    if changed and changed["is_drift"]:
        text = (
            "review-sentiment: the reviews are no longer like those that the champion learnt from"
        )
        notify(settings.notify, "drift", text, **changed)
    figures = (metrics.path(METRICS), tested.path(BEHAVIOUR))
    version, decision = pass_gate(
        workspace, settings.gate, labelled, trained, report, profile, figures, *predicted
    )
    if not decision.promoted:
        text = f"review-sentiment: model {version.number} stays a candidate: {decision.reason}"
        notify(settings.notify, "candidate", text, version=version.number)
    show_evaluation(
        json.loads(figures[0].read_bytes()),
        read_target(labelled.path(TARGET)).kind,
        decision,
        version,
        registry.versions(),
        link_to(report.path("report.html"), workspace),
    )
    return report
