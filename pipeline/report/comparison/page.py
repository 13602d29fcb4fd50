"""``comparison.html``: compares two sides by topic and overall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from markupsafe import Markup

from pipeline.report import topic_plots
from pipeline.report.comparison.differences import (
    FEWEST,
    Difference,
    marked,
    topic_differences,
)
from pipeline.report.comparison.overall import Overall, describe
from pipeline.report.comparison.quotes import quotes
from pipeline.report.comparison.reading import SIDES, Compared
from pipeline.report.comparison.sides import Side
from pipeline.report.comparison.workbook import write_comparison_workbook
from pipeline.report.formatting import whole_percent
from pipeline.report.page import write_page
from pipeline.report.periods import period_name
from pipeline.report.phrases import Language, Phrases
from pipeline.report.standout import Sentence
from pipeline.report.topics import Change, is_sure, spellings
from pipeline.storage.names import COMPARISON_WORKBOOK
from pipeline.storage.workbook_sheets import text_width
from pipeline.topics.records import TopicReport

SHOWN = 15
"""Maximum number of topics on the page; the workbook has all topics."""
DRAWN = 10
LEGEND_WIDTH = 24
"""Maximum width of a name in the legend, in Latin letters."""


def write_comparison(
    output: Path, compared: Compared, report: TopicReport, language: Language, *, source: str
) -> None:
    """Write the page, and a workbook with the same name beside it.

    Args:
        output: The HTML file.
        compared: The reviews of both sides.
        report: The topics of the run.
        language: Language of the page.
        source: Short description of the source, as in the report.
    """
    say = Phrases(language)
    names = [side_name(side, say) for side in compared.sides]
    found, overall = topic_differences(compared.topics()), describe(compared)
    shown = found[:SHOWN]
    known = spellings(report.topics)
    workbook = output.with_suffix(Path(COMPARISON_WORKBOOK).suffix)
    write_comparison_workbook(workbook, compared, names, found, overall, say)
    write_page(
        output,
        "comparison.html.j2",
        say,
        source,
        names=names,
        dated=_dated(names, compared),
        overall=overall,
        lead=_lead(names, overall, say),
        sentences=_sentences(names, found, shown, say),
        note=_note(found, say),
        shown=shown,
        total=len(found),
        tested=_tested(found),
        fewest=FEWEST,
        plot=_plot(names, found, say),
        quotes=quotes(compared, {one.topic: known.get(one.topic, (one.topic,)) for one in shown}),
        is_sure=is_sure,
        workbook=workbook.name,
        sampled=report.sampled if report.sampled < report.reviews else 0,
    )


def side_name(side: Side, say: Phrases) -> str:
    """The name of a side in the language of the page."""
    if side.span is None:
        return side.name
    if side.span.key:
        return period_name(side.span.key, say)
    return say("days_last" if side.span.is_last else "days_before", days=side.span.length)


def _dated(names: Sequence[str], compared: Compared) -> list[tuple[str, tuple[str, str]]]:
    """Name, and first and last date of the reviews, of each side with dates."""
    found = []
    for name, side in zip(names, SIDES, strict=True):
        dates = compared.of(side)["date"]
        bounds = pc.min_max(dates.filter(pc.not_equal(dates, ""))).as_py()
        if bounds["min"]:
            found.append((name, (bounds["min"], bounds["max"])))
    return found


def _tested(found: Sequence[Difference]) -> int:
    return sum(one.gap is not None for one in found)


def _lead(names: Sequence[str], overall: Overall, say: Phrases) -> Markup:
    """Sentence that compares the shares of complaint of all reviews."""
    is_beyond_chance = is_sure(overall.gap)
    kind = "compare_lead_sure" if is_beyond_chance else "compare_lead_even"
    order = (1, 0) if is_beyond_chance and overall.gap.value < 0 else (0, 1)
    values: dict[str, Any] = {}
    for side, place in zip(SIDES, order, strict=True):
        ratio = overall.complaints[place]
        values |= {side: names[place], f"share_{side}": whole_percent(ratio.value)}
        values |= {f"reviews_{side}": ratio.whole}
    return say(kind, **values)


def _sentences(
    names: Sequence[str], found: Sequence[Difference], shown: Sequence[Difference], say: Phrases
) -> list[Sentence]:
    """Sentences on the most significant differences."""
    places = {one.topic: f"#topic-{number}" for number, one in enumerate(shown, 1)}
    return [
        Sentence(_sentence(names, one, say), places.get(one.topic, "#topics"))
        for one in marked(found)
    ]


def _note(found: Sequence[Difference], say: Phrases) -> str:
    """Why there are no significant differences; empty if there are some, or no topics."""
    if not found or marked(found):
        return ""
    kind = "compare_no_difference" if (tested := _tested(found)) else "compare_too_few"
    return say(kind, tested=tested, fewest=FEWEST)


def _sentence(names: Sequence[str], one: Difference, say: Phrases) -> Markup:
    values: dict[str, Any] = {}
    for side, name, ratio in zip(SIDES, names, (one.a, one.b), strict=True):
        if ratio:
            values |= {side: name, f"share_{side}": whole_percent(ratio.value)}
            values |= {f"mentions_{side}": ratio.whole}
    return say("compare_topic", topic=one.topic, **values)


def _plot(names: Sequence[str], found: Sequence[Difference], say: Phrases) -> Mapping[str, Markup]:
    """Plot of the share of complaint of the first topics on both sides."""
    rows = [
        Change(one.topic, one.b, one.a, one.is_sure) for one in found if one.gap and one.a and one.b
    ][:DRAWN]
    if not rows:
        return {}
    title = say("plot_comparison")
    labels = _fitting(names[1]), _fitting(names[0])
    return {title: topic_plots.dumbbell(rows, labels, title, say)}


def _fitting(name: str) -> str:
    """A name, shortened to fit into half the legend of a plot."""
    if text_width(name) <= LEGEND_WIDTH:
        return name
    kept = name
    while text_width(kept) >= LEGEND_WIDTH:
        kept = kept[:-1]
    return f"{kept}…"
