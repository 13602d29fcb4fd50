"""The report: a self-contained HTML file without external resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.evaluate.leakage import SHORTEST
from pipeline.evaluate.records import Metrics
from pipeline.evaluate.slices import FEWEST
from pipeline.explain.records import Explanation
from pipeline.model.ngrams import MOST_TEXTS
from pipeline.report import plots
from pipeline.report.effects import driver_effect, positivity, positivity_heading
from pipeline.report.findings import findings
from pipeline.report.formatting import FIGURES, OF_CLASSES, WORDINGS, verdict
from pipeline.report.label_origins import label_origins
from pipeline.report.models import (
    baseline_choice,
    baseline_figure,
    complaints,
    decision,
    headline,
)
from pipeline.report.page import write_page
from pipeline.report.phrases import Language, Phrases
from pipeline.report.ratings import FEWEST_REVIEWS, describe
from pipeline.report.workbook import write_report_workbook
from pipeline.storage import names
from pipeline.target.base import Target
from pipeline.topics.records import TopicReport

REPORT_VERSION = 32
SLICES_SHOWN = 12
PHRASES_OF_AN_ASPECT = 5


def write_report(
    output: Path,
    *,
    language: Language,
    source: str,
    target: Target,
    reviews: Path,
    judged: Path,
    topics: TopicReport | None,
    metrics: Metrics,
    behaviour: dict[str, Any],
    explanation: Explanation,
    drift: dict[str, Any] | None,
    champion: dict[str, Any] | None,
    crawl: dict[str, Any],
    examples: dict[str, Any],
    training: list[dict[str, Any]],
    settings: dict[str, dict[str, Any]],
) -> None:
    """Render the report of a run.

    Args:
        output: The HTML file; the workbook is written beside it.
        language: Language of the page.
        source: Name of the source, for the title.
        target: The prediction target of the network.
        reviews: The run's ``reviews.parquet``.
        judged: The run's ``judged.parquet``.
        topics: Content of ``topics.json``; None if topics were not looked for.
        metrics: Content of ``metrics.json``.
        behaviour: Content of ``behaviour.json``.
        explanation: Content of ``explanation.json``.
        drift: Result of :func:`pipeline.evaluate.drift.drift`; None without a champion.
        champion: Its ``number`` and the result of :func:`pipeline.evaluate.promotion.gain`;
            None for the first model.
        crawl: Details of the crawl's manifest.
        examples: Details of the labelling and splitting manifest.
        training: Details of the training manifest of each network.
        settings: Settings that affect the model, by section.
    """
    say, wording = Phrases(language), WORDINGS[target.kind]
    found = verdict(metrics, wording, say, drift, champion)
    shown, trust = findings(judged, topics, say), headline(metrics, target, say)
    described = describe(reviews, say)
    if described["of_aspects"]:
        trust = " ".join((trust, say("trust_texts")))
    sentences = [trust, found["text"], *found["cautions"]]
    write_report_workbook(output.with_name(names.WORKBOOK), judged, topics, shown, sentences, say)
    write_page(
        output,
        "report.html.j2",
        say,
        source,
        **shown,
        trust="trust_checked.html.j2",
        notice=_notice(metrics, found["is_void"], say),
        workbook=names.WORKBOOK,
        headline=trust,
        figures=FIGURES,
        of_classes=OF_CLASSES,
        most_texts=MOST_TEXTS,
        fewest=FEWEST,
        shortest=SHORTEST,
        fewest_reviews=FEWEST_REVIEWS,
        slices_shown=SLICES_SHOWN,
        phrases_of_an_aspect=PHRASES_OF_AN_ASPECT,
        target=target,
        wording=wording,
        metrics=metrics,
        behaviour=behaviour,
        explanation=explanation,
        effect_of=partial(driver_effect, target=target, say=say),
        positivity_of=partial(positivity, target=target),
        positivity_heading=positivity_heading(target, say),
        drift=drift,
        verdict=found,
        both_find=complaints(metrics, say),
        decision=decision(metrics, target, settings["train"]["threshold"], say),
        baseline_figure=baseline_figure(metrics, target, say),
        baseline_choice=baseline_choice(metrics, target, say),
        crawl=crawl,
        examples=examples,
        label_origins=label_origins(examples, say),
        training=training,
        comparison=_comparison(metrics, say),
        learning=_learning(training, say),
        reviews=described,
        settings=settings,
    )


def _notice(metrics: Metrics, is_void: bool, say: Phrases) -> str:
    """What a reader has to know before the first number; usually nothing."""
    if any(one["kind"] == "reversed" for one in metrics["cautions"]):
        return say("caution_reversed")
    return say("notice_void") if is_void else ""


def _comparison(metrics: Metrics, say: Phrases) -> dict[str, Markup]:
    """Plots that compare network and baseline, by title."""
    drawn: dict[str, Callable[..., Markup]] = {
        "roc": plots.roc_curves,
        "precision_recall": plots.precision_recall,
        "reliability": plots.reliability,
        "by_rating": plots.predicted_ratings,
    }
    models: dict[str, Mapping[str, Any]] = {
        "network": metrics["network"],
        "baseline": metrics["baseline"],
    }
    found: dict[str, Markup] = {}
    for what, draw in drawn.items():
        if all(one.get(what) for one in models.values()):
            title = say(f"plot_{what}")
            found[title] = draw({name: one[what] for name, one in models.items()}, title, say)
    return found


def _learning(training: list[dict[str, Any]], say: Phrases) -> dict[str, Markup]:
    found: dict[str, Markup] = {}
    for number, network in enumerate(training, 1):
        title = say("plot_loss_of", number=number) if len(training) > 1 else say("plot_loss")
        found[title] = plots.learning_curves(network["history"], title, say)
    return found
