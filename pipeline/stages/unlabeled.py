"""A source without labels: predicts with the starter; the report calls the results unchecked."""

from __future__ import annotations

import functools
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pipeline.errors import DataError
from pipeline.explain import explanation, starter
from pipeline.explain.alignment import segments
from pipeline.explain.drivers import drivers
from pipeline.explain.records import UncheckedExplanation
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.reviews import predict_reviews
from pipeline.predict.starter import AdaptedStarter
from pipeline.prepare import labels
from pipeline.prepare.examples import make_unlabeled_examples
from pipeline.report import unlabeled as page
from pipeline.report.formatting import whole_percent
from pipeline.settings import CleanSettings, LabelSettings, Settings, TokenizerSettings
from pipeline.stages.judge import judge_reviews
from pipeline.stages.last_report import LastReport
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.tokens import tokenize
from pipeline.stages.topics import find_unlabeled_topics
from pipeline.storage import names
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest
from pipeline.target.binary import BINARY
from pipeline.topics.records import TopicReport

logger = logging.getLogger(__name__)

MAX_COMPLAINTS = 100


def has_labels(snapshot: Manifest, settings: LabelSettings) -> bool:
    """Whether a run can learn from a snapshot; see :func:`pipeline.prepare.labels.has_labels`."""
    table = pq.read_table(snapshot.path(names.REVIEWS), columns=["rating", "label"])
    ratings, given = (table[name].to_pylist() for name in ("rating", "label"))
    return labels.has_labels(ratings, given, settings)


def answer_unlabeled(runner: Runner, snapshot: Manifest, settings: Settings) -> Manifest:
    """Predict all reviews with the starter, adapted to them; return the report's manifest.

    Nothing is trained: there are no labels to learn from, and none to check the answers with.
    """
    tokenizer, memo = settings.of_members[0].tokenizer, runner.workspace.memo_folder
    examples = runner.run(clean_texts, snapshot, settings.clean)
    tokens = runner.run(
        tokenize,
        examples,
        tokenizer,
        runner=settings.runner,
        open_pool=functools.partial(runner.pool, settings.runner),
        memo=memo,
    )
    answers = runner.run(answer, snapshot, settings.clean)
    found = runner.run(explain_answers, examples, tokens, answers, tokenizer, memo=memo)
    topics = runner.run(
        find_unlabeled_topics,
        snapshot,
        answers,
        tokenizer,
        settings.clean,
        memo=memo,
        workers=settings.runner.workers,
    )
    judged = runner.run(judge_reviews, snapshot, answers, topics, BINARY, settings.label)
    report = runner.run(write_unlabeled_report, snapshot, answers, judged, found, topics, settings)
    LastReport(report, topics, judged).remember(runner.workspace, snapshot)
    logger.info(found_complaints(report))
    return report


def found_complaints(report: Manifest) -> str:
    """How many complaints the starter found, in a sentence that says that nobody checked them."""
    reviews, complaints = (int(report.details[name]) for name in ("reviews", "complaints"))
    share = whole_percent(complaints / reviews)
    return (
        f"complaints: {complaints:,} of {reviews:,} reviews ({share}), not checked against labels"
    )


@stage("examples", version=1)
def clean_texts(folder: Path, snapshot: Manifest, cleaning: CleanSettings) -> Output:
    """Clean the texts of all reviews.

    Raises:
        DataError: No review has a text.
    """
    reviews, output = snapshot.path(names.REVIEWS), folder / names.EXAMPLES
    texts = make_unlabeled_examples(reviews, output, cleaning)
    if not texts:
        raise DataError(f"none of the {snapshot.rows:,} reviews has a text: check the source")
    return Output([names.EXAMPLES], snapshot.rows, {"texts": texts})


@stage("sentiment", version=3)
def answer(folder: Path, snapshot: Manifest, cleaning: CleanSettings) -> Output:
    """Predict all reviews with the starter, after it adapted to them."""
    reviews, output = snapshot.path(names.REVIEWS), folder / names.SENTIMENT
    texts = pq.read_table(reviews, columns=["text"])["text"].to_pylist()
    predictor = AdaptedStarter(texts, cleaning)
    predicted = predict_reviews(reviews, output, predictor)
    files = [names.SENTIMENT]
    if predictor.regression:
        files += predictor.regression.save(folder)
    return Output(files, predicted["rows"], {"predicted": predicted["new"]})


def is_adapted(answers: Manifest) -> bool:
    """Whether there were enough reviews for the starter to adapt to."""
    return names.NGRAMS in answers.files


@stage("explanation", version=1)
def explain_answers(
    folder: Path,
    examples: Manifest,
    tokens: Manifest,
    answers: Manifest,
    tokenizer: TokenizerSettings,
    *,
    memo: Path,
) -> Output:
    """Explain a sample of the reviews, and the reviews that were judged most negative.

    Args:
        folder: Where the explanation is written.
        examples: The cleaned texts.
        tokens: Their tokens.
        answers: The starter's predictions.
        tokenizer: Tokenizer settings of the tokens.
        memo: Folder of the on-disk cache of tagger output per word.
    """
    texts = pq.read_table(examples.path(names.EXAMPLES), columns=["text"])["text"]
    table = pq.read_table(answers.path(names.SENTIMENT))
    probabilities = table["probability"].to_numpy(zero_copy_only=False).astype(float)
    known = np.flatnonzero(~np.isnan(probabilities))
    negative = known[table["label"].take(known).to_numpy(zero_copy_only=False) == "negative"]
    worst = negative[np.argsort(probabilities[negative], kind="stable")][:MAX_COMPLAINTS]
    sample = np.random.default_rng(0).permutation(known)[: explanation.MOST_EXPLAINED]
    wanted = np.union1d(worst, sample)
    explained = dict(
        zip(
            wanted.tolist(),
            starter.explain(
                texts.take(wanted).to_pylist(),
                pq.read_table(tokens.path(names.TOKENS))["tokens"].take(wanted).to_pylist(),
                NgramRegression.load(answers.folder) if is_adapted(answers) else None,
                tokenizer,
                memo,
            ),
            strict=True,
        )
    )
    record: UncheckedExplanation = {
        "schema_version": explanation.SCHEMA_VERSION,
        "texts": len(sample),
        "examples": len(known),
        **drivers([explained[row] for row in sorted(sample.tolist())]),
        "complaints": [
            {
                "group": row["group_name"] or row["group"],
                "date": row["date"],
                "probability": round(row["probability"], 4),
                "pieces": explanation.truncated(segments(one.text, one.spans, one.parts)),
            }
            for row, one in zip(
                table.take(worst).to_pylist(),
                map(explained.__getitem__, worst.tolist()),
                strict=True,
            )
        ],
    }
    write_json(folder / names.EXPLANATION, record)
    return Output([names.EXPLANATION], len(sample), {})


@stage("report", version=page.UNLABELED_REPORT_VERSION)
def write_unlabeled_report(
    folder: Path,
    snapshot: Manifest,
    answers: Manifest,
    judged: Manifest,
    found: Manifest,
    topics: Manifest,
    settings: Settings,
) -> Output:
    """Render the report."""
    record: Any = json.loads(found.path(names.EXPLANATION).read_bytes())
    complaints = page.write_unlabeled_report(
        folder / names.REPORT,
        language=settings.report.language,
        source=settings.title,
        reviews=snapshot.path(names.REVIEWS),
        judged=judged.path(names.JUDGED),
        topics=TopicReport.from_json(topics.path(names.TOPICS).read_bytes()),
        explanation=record,
        is_adapted=is_adapted(answers),
        crawl=snapshot.details,
        settings=settings.recipe,
    )
    details = {
        "source": settings.title,
        "drift": None,
        "reviews": complaints.reviews,
        "complaints": complaints.total,
    }
    return Output([names.REPORT, names.WORKBOOK], snapshot.rows, details)
