"""The report on a source without labels: what people say, by unchecked predictions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.explain.records import UncheckedExplanation
from pipeline.report.complaints import Complaints
from pipeline.report.effects import driver_effect
from pipeline.report.findings import findings
from pipeline.report.page import write_page
from pipeline.report.phrases import Language, Phrases
from pipeline.report.ratings import FEWEST_REVIEWS, describe
from pipeline.report.workbook import write_report_workbook
from pipeline.storage import names
from pipeline.target.binary import BINARY
from pipeline.topics.records import TopicReport

UNLABELED_REPORT_VERSION = 12
WORTH_LABELLING = 100
"""Number of labels that the report advises to give first."""
WORTH_BY_LABELS = {0: 0.760, 100: 0.795, 2_000: 0.829}
"""Mean macro-F1 in six other industries by number of labels; see `docs/benchmarks.md`."""


def write_unlabeled_report(
    output: Path,
    *,
    language: Language,
    source: str,
    reviews: Path,
    judged: Path,
    topics: TopicReport | None,
    explanation: UncheckedExplanation,
    is_adapted: bool,
    crawl: dict[str, Any],
    settings: dict[str, dict[str, Any]],
) -> Complaints:
    """Render the report of a run on a source without labels; return the complaints it shows.

    Args:
        output: The HTML file; the workbook is written beside it.
        language: Language of the page.
        source: Name of the source, for the title.
        reviews: The run's ``reviews.parquet``.
        judged: The run's ``judged.parquet``, with the starter's predictions.
        topics: Content of ``topics.json``; None if topics were not looked for.
        explanation: Content of ``explanation.json``.
        is_adapted: Whether the starter adapted to the reviews.
        crawl: Details of the crawl's manifest.
        settings: Settings that affect the result, by section.
    """
    say = Phrases(language)
    answers = pq.read_table(judged, columns=["answer"])["answer"]
    negative = pc.sum(pc.equal(answers, "negative")).as_py() or 0
    shown = findings(judged, topics, say)
    write_report_workbook(
        output.with_name(names.WORKBOOK), judged, topics, shown, [say("unchecked")], say
    )
    write_page(
        output,
        "report.html.j2",
        say,
        source,
        **shown,
        trust="trust_unchecked.html.j2",
        notice=say("unchecked"),
        workbook=names.WORKBOOK,
        reviews=describe(reviews, say),
        explanation=explanation,
        effect_of=partial(driver_effect, target=BINARY, say=say),
        is_adapted=is_adapted,
        answered=len(answers) - answers.null_count,
        negative=negative,
        fewest_reviews=FEWEST_REVIEWS,
        worth_labelling=WORTH_LABELLING,
        worth=WORTH_BY_LABELS,
        crawl=crawl,
        settings=settings,
    )
    complaints: Complaints = shown["complaints"]
    return complaints
