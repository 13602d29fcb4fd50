"""Evaluate: metrics of the model and the baseline on the tested reviews, and the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.evaluate import behaviour, drift, scores
from pipeline.evaluate.leakage import seen_before, seen_in_other_folds
from pipeline.evaluate.records import Metrics
from pipeline.evaluate.resampling import Resampling
from pipeline.evaluate.slices import read_rows, slices
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.prepare.examples import read_examples
from pipeline.prepare.tested import overlap_of_groups, read_tested
from pipeline.report import html
from pipeline.settings import EvaluateSettings, Settings, TokenizerSettings
from pipeline.stages.baseline import fit_baseline
from pipeline.stages.explain import explain
from pipeline.stages.folds import answer_folds
from pipeline.stages.gain import compare_with
from pipeline.stages.judge import answer_reviews, judge_reviews
from pipeline.stages.last_report import LastReport
from pipeline.stages.predictions import (
    FoldPredictions,
    Predictions,
    SplitPredictions,
    predict_test,
    predict_test_with_baseline,
)
from pipeline.stages.prepare import Prepared
from pipeline.stages.record import record_of
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.topics import find_topics
from pipeline.stages.train import Trained
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_json
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import read_target
from pipeline.topics.records import TopicReport


@dataclass(frozen=True)
class Champion:
    """The champion that a model is compared with.

    Attributes:
        number: Its version number.
        profile: Profile of the reviews it was trained on; None if there is nothing to compare.
        gain: Improvement of the new model; None if the champion's files are lost.
    """

    number: int
    profile: Manifest | None
    gain: Manifest | None


@dataclass(frozen=True)
class Evaluation:
    """Inputs and outputs of an evaluation.

    Attributes:
        snapshot: The reviews.
        prepared: Prepared data of the first network.
        trained: The model.
        predictions: For the tested reviews: the test split, or all in a cross-validation.
        judged: ``judged.parquet``: all reviews with the model's answers.
        metrics: ``metrics.json`` and the table of predictions.
        explanation: ``explanation.json``.
        behaviour: ``behaviour.json``.
        topics: ``topics.json`` and ``mentions.parquet``.
        profile: ``profile.json``, which later runs compare their reviews with.
        champion: The champion when the model was registered; None for the first model.
    """

    snapshot: Manifest
    prepared: Prepared
    trained: Trained
    predictions: Predictions
    judged: Manifest
    metrics: Manifest
    explanation: Manifest
    behaviour: Manifest
    topics: Manifest
    profile: Manifest
    champion: Champion | None

    def read_metrics(self) -> Metrics:
        """The content of ``metrics.json``."""
        metrics: Metrics = _read(self.metrics, names.METRICS)
        return metrics

    def read_behaviour(self) -> dict[str, Any]:
        """The content of ``behaviour.json``."""
        behaviour: dict[str, Any] = _read(self.behaviour, names.BEHAVIOUR)
        return behaviour


def evaluate(
    runner: Runner,
    snapshot: Manifest,
    prepared: Sequence[Prepared],
    trained: Trained,
    settings: Settings,
) -> Evaluation:
    """Evaluate a model on the test split, or by cross-validation if there are few reviews."""
    first, memo = prepared[0], runner.workspace.memo_folder
    of_training = settings.train.class_weights, settings.train.threshold
    baseline = runner.run(fit_baseline, first.examples, *of_training)
    predictions = _predict(runner, prepared, trained, baseline, settings)
    metrics = runner.run(compute_metrics, snapshot, first, settings.evaluate, predictions)
    explanation = runner.run(explain, first, trained.members[0], predictions, memo=memo)
    passed = runner.run(run_behaviour_tests, trained.model, memo=memo)
    tokenizer = settings.of_members[0].tokenizer
    workers = settings.runner.workers
    answers = runner.run(answer_reviews, snapshot, trained.model, memo=memo, workers=workers)
    topics = runner.run(
        find_topics,
        snapshot,
        answers,
        trained.model,
        tokenizer,
        settings.label,
        memo=memo,
        workers=workers,
    )
    profile = runner.run(profile_reviews, first.examples, first.tokens, tokenizer)
    champion = _champion(runner, first.examples, trained.model, profile, predictions)
    target = predictions.targets["network"]
    judged = runner.run(
        judge_reviews,
        snapshot,
        answers,
        topics,
        target,
        settings.label,
        first.examples,
        predictions,
    )
    return Evaluation(
        snapshot,
        first,
        trained,
        predictions,
        judged,
        metrics,
        explanation,
        passed,
        topics,
        profile,
        champion,
    )


def _predict(
    runner: Runner,
    prepared: Sequence[Prepared],
    trained: Trained,
    baseline: Manifest,
    settings: Settings,
) -> Predictions:
    """Predict the tested reviews."""
    examples = prepared[0].examples
    if examples.details["folds"]:
        folds = answer_folds(runner, prepared, settings)
        return FoldPredictions(baseline, trained.model, examples, folds)
    by_baseline = runner.run(predict_test_with_baseline, examples, baseline)
    by_members = tuple(
        runner.run(predict_test, one, member)
        for one, member in zip(prepared, trained.members, strict=True)
    )
    return SplitPredictions(baseline, trained.model, by_baseline, by_members)


def _champion(
    runner: Runner, examples: Manifest, model: Manifest, profile: Manifest, predictions: Predictions
) -> Champion | None:
    registry = Registry(runner.workspace)
    rival = registry.rival_of(model)
    if rival is None:
        return None
    before, gain, known = None, None, registry.model_of(rival)
    if known:
        memo = runner.workspace.memo_folder
        record = record_of(runner.workspace, rival, known)
        gain = runner.run(compare_with, examples, known, record, predictions, memo=memo)
        before = registry.profile_of(rival)
    if before and (before.digest == profile.digest or before.details != profile.details):
        before = None  # the same reviews, or tokens of another tagger, which are not comparable
    return Champion(rival.number, before, gain)


@stage("metrics", version=scores.METRICS_VERSION)
def compute_metrics(
    folder: Path,
    snapshot: Manifest,
    prepared: Prepared,
    settings: EvaluateSettings,
    predictions: Predictions,
) -> Output:
    """Compare the network, or the mean of an ensemble, with the baseline."""
    predicted, targets = predictions.read(), predictions.targets
    target = targets["network"]
    examples = prepared.examples.path(names.EXAMPLES)
    tested, rows = read_tested(examples), read_rows(examples, snapshot.path(names.REVIEWS))
    texts, labels = tested.texts, tested.labels
    each = {name: targets[name].each(labels, one) for name, one in predicted.items()}
    compared = scores.evaluate(labels, predicted, settings, targets, Resampling.of(tested))
    baseline = predictions.fitted_baseline.details
    if tested.folds is None:
        seen = seen_before(read_examples(examples, "train", "validation")[0], texts)
    else:
        seen = seen_in_other_folds(texts, tested.folds)
    leakage = scores.describe_leakage(*seen, each["network"], overlap_of_groups(examples))
    split = prepared.examples.details
    groups_ignored = split["groups"] if "test" in split["ungrouped"] else 0
    metrics: Metrics = {
        **compared,
        "folds": split["folds"],
        "targets": {name: one.model_dump(mode="json") for name, one in targets.items()},
        "chosen_baseline": {
            "class_weights": baseline["class_weights"],
            "validation": baseline["validation"],
        },
        "slices": slices(rows, predictions.unknown_shares(prepared.dataset), each, target),
        "leakage": leakage,
        "cautions": scores.cautions(
            compared,
            leakage,
            labels,
            target,
            groups_ignored,
            is_reversed=split["reversed"],
            by_hand=split["tested_by_hand"],
        ),
        "vocabulary": prepared.vocabulary.details | prepared.dataset.details,
    }
    write_json(folder / names.METRICS, metrics)
    table = scores.predictions_table(rows["id"], texts, labels, predicted, targets)
    with atomic_path(folder / names.TEST_TABLE) as temporary:
        pq.write_table(table, temporary)
    return Output([names.METRICS, names.TEST_TABLE], len(labels), {})


@stage("behaviour", version=behaviour.BEHAVIOUR_VERSION)
def run_behaviour_tests(folder: Path, model: Manifest, *, memo: Path) -> Output:
    """Test the model on cases of negation, intensity, spelling and more."""
    predictor = Predictor(model, memo)
    found = behaviour.run(predictor.predict, predictor.target)
    write_json(folder / names.BEHAVIOUR, found)
    return Output([names.BEHAVIOUR], found["total"], {"passed": found["passed"]})


@stage("profile", version=drift.PROFILE_VERSION)
def profile_reviews(
    folder: Path, examples: Manifest, tokens: Manifest, tokenizer: TokenizerSettings
) -> Output:
    """Describe the labelled reviews, so that later runs can compare their reviews with them."""
    found = drift.profile(
        examples.path(names.EXAMPLES),
        tokens.path(names.TOKENS),
        read_target(examples.path(names.TARGET)),
    )
    write_json(folder / names.PROFILE, found)
    details = {"tokenizer": tokenizer.model_dump(mode="json")}
    return Output([names.PROFILE], found["examples"], details)


def report(runner: Runner, evaluation: Evaluation, settings: Settings) -> Manifest:
    """Write the report, and record it as the last report of its source."""
    written = runner.run(write_report, evaluation, settings)
    last = LastReport(written, evaluation.topics, evaluation.judged)
    last.remember(runner.workspace, evaluation.snapshot)
    return written


@stage("report", version=html.REPORT_VERSION)
def write_report(folder: Path, evaluation: Evaluation, settings: Settings) -> Output:
    """Render the report."""
    examples, champion = evaluation.prepared.examples, evaluation.champion
    changed, gained = None, None
    if champion and champion.profile:
        before = _read(champion.profile, names.PROFILE)
        changed = drift.drift(_read(evaluation.profile, names.PROFILE), before)
    if champion and champion.gain:
        gained = _read(champion.gain, names.GAIN)
    html.write_report(
        folder / names.REPORT,
        language=settings.report.language,
        source=settings.title,
        target=evaluation.predictions.targets["network"],
        reviews=evaluation.snapshot.path(names.REVIEWS),
        judged=evaluation.judged.path(names.JUDGED),
        topics=TopicReport.from_json(evaluation.topics.path(names.TOPICS).read_bytes()),
        metrics=evaluation.read_metrics(),
        behaviour=evaluation.read_behaviour(),
        explanation=_read(evaluation.explanation, names.EXPLANATION),
        drift=changed,
        champion={"number": champion.number, **gained} if champion and gained else None,
        crawl=evaluation.snapshot.details,
        examples=examples.details,
        training=[member.details for member in evaluation.trained.members],
        settings=settings.recipe,
    )
    details = {"source": settings.title, "drift": changed}
    return Output([names.REPORT, names.WORKBOOK], evaluation.snapshot.rows, details)


def _read(manifest: Manifest, name: str) -> Any:
    return json.loads(manifest.path(name).read_bytes())
