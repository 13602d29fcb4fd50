"""Plots as SVG with text labels, so that the reader's own fonts render Hangul.

Colours are CSS variables of the page, so that plots fit light and dark mode. The plots
carry no inline styles, which a strict Content-Security-Policy would block.
"""

from __future__ import annotations

import io
import itertools
import re
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from pipeline.report.phrases import Phrases

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCENT, CONTRAST, GOOD, BAD, NEUTRAL, LINE, EDGE, PAPER = (
    *("#2456a6", "#b0762a", "#2a7452", "#b3423f"),
    *("#8a919b", "#e5e7eb", "#6b7280", "#fffffe"),
)
VARIABLES = {
    ACCENT: "network", CONTRAST: "baseline", GOOD: "good", BAD: "bad", NEUTRAL: "soft",
    LINE: "line", EDGE: "soft", PAPER: "paper",
}  # fmt: skip
SIZE = (5.2, 3.4)
MAX_BARS, BINS = 50, 20
"""Maximum number of bars of ratings, and number of ranges that replace more bars."""
MIN_STEPS = 4
"""A bar is at most as wide as if there were so many steps from the lowest to the highest rating."""
SHORT_NAME = 7
"""Maximum characters of a period's name for five names to fit below a plot."""
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "review-sentiment",
    "font.family": "sans-serif",
    "font.size": 11,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": EDGE,
    "xtick.color": EDGE,
    "ytick.color": EDGE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "legend.frameon": False,
}

Curves = dict[str, dict[str, Any]]
Means = dict[str, list[dict[str, float]]]


def learning_curves(history: dict[str, list[float]], title: str, say: Phrases) -> Markup:
    """Training and validation loss per epoch."""
    epochs = range(1, len(history["loss"]) + 1)
    with figure(title) as (axes, svg):
        axes.plot(epochs, history["loss"], "o-", color=NEUTRAL, label=say("training"))
        axes.plot(epochs, history["val_loss"], "o-", color=ACCENT, label=say("validation"))
        axes.set(xlabel=say("epoch"), ylabel=say("cross_entropy"), xticks=list(epochs))
        axes.set_ylim(0, 1.05 * max(history["loss"] + history["val_loss"]))
        axes.legend()
    return svg[0]


def roc_curves(curves: Curves, title: str, say: Phrases) -> Markup:
    """ROC curves of network and baseline."""
    with figure(title) as (axes, svg):
        for (name, curve), color in zip(curves.items(), (ACCENT, CONTRAST), strict=True):
            axes.plot(
                *(curve["false_positive_rate"], curve["true_positive_rate"]),
                color=color,
                label=say(name),
            )
        axes.plot([0, 1], [0, 1], ":", color=NEUTRAL, label=say("chance"))
        axes.set(xlabel=say("false_positive_rate"), ylabel=say("true_positive_rate"))
        axes.legend(loc="lower right")
    return svg[0]


def precision_recall(curves: Curves, title: str, say: Phrases) -> Markup:
    """Precision of network and baseline by the share of complaints that they find."""
    with figure(title) as (axes, svg):
        for (name, curve), color in zip(curves.items(), (ACCENT, CONTRAST), strict=True):
            axes.plot(curve["recall"], curve["precision"], color=color, label=say(name))
        axes.axhline(curve["share"], linestyle=":", color=NEUTRAL, label=say("chance"))
        axes.set(xlabel=say("complaints_recall"), ylabel=say("complaints_precision"))
        axes.set(xlim=(-0.02, 1.02), ylim=(0, 1.02))
        axes.legend(loc="lower left")
    return svg[0]


def reliability(bins: Means, title: str, say: Phrases) -> Markup:
    """Calibration curves of network and baseline: accuracy by predicted probability."""
    with figure(title) as (axes, svg):
        for (name, rows), color in zip(bins.items(), (ACCENT, CONTRAST), strict=True):
            sure, right = ([row[key] for row in rows] for key in ("sure", "right"))
            axes.plot(sure, right, "o-", color=color, label=say(name), markersize=4)
        axes.plot([0, 1], [0, 1], ":", color=NEUTRAL, label=say("perfect_calibration"))
        lowest = min(row["sure"] for rows in bins.values() for row in rows)
        axes.set(xlabel=say("probability_of_answer"), ylabel=say("share_right"))
        axes.set(xlim=(lowest - 0.02, 1.02), ylim=(0, 1.02))
        axes.legend(loc="lower right")
    return svg[0]


def predicted_ratings(means: Means, title: str, say: Phrases) -> Markup:
    """Mean prediction of network and baseline for each actual rating."""
    with figure(title) as (axes, svg):
        for (name, rows), color in zip(means.items(), (ACCENT, CONTRAST), strict=True):
            given = [row["rating"] for row in rows]
            axes.plot(given, [row["mean"] for row in rows], "o-", color=color, label=say(name))
        axes.plot(given, given, ":", color=NEUTRAL, label=say("right"))
        axes.set(xlabel=say("given_rating"), ylabel=say("mean_prediction"))
        axes.legend(loc="upper left")
    return svg[0]


def rating_shares(counts: dict[float, int], title: str, say: Phrases) -> Markup:
    """Bar chart of the number of reviews per rating, or per range if there are many ratings."""
    from matplotlib.ticker import MaxNLocator

    ratings = sorted(counts)
    reviews = [counts[rating] for rating in ratings]
    with figure(title) as (axes, svg):
        if len(ratings) > MAX_BARS:
            axes.hist(ratings, bins=BINS, weights=reviews, color=ACCENT, rwidth=0.9)
        else:
            gaps = [after - one for one, after in itertools.pairwise(ratings)]
            gap = min([*gaps, (ratings[-1] - ratings[0]) / MIN_STEPS or 1.0])
            axes.bar(ratings, reviews, width=0.8 * gap, color=ACCENT)
            axes.margins(x=0.05 if gaps else 1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set(xlabel=say("rating"), ylabel=say("reviews"))
        axes.grid(visible=False, axis="x")
    return svg[0]


def mean_ratings(rows: Sequence[dict[str, Any]], scale: int, title: str, say: Phrases) -> Markup:
    """Mean rating per aspect with its confidence interval, lowest first."""
    means = [row["mean"] for row in rows]
    with figure(title) as (axes, svg):
        axes.barh(
            [row["name"] for row in rows],
            means,
            xerr=_distances(rows),
            ecolor=EDGE,
            color=[BAD if mean == min(means) else ACCENT for mean in means],
        )
        axes.set(xlabel=say("mean_rating"), xlim=(1, scale))
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
    return svg[0]


def rating_by_month(rows: Sequence[dict[str, Any]], scale: int, title: str, say: Phrases) -> Markup:
    """Mean rating per month with its confidence interval."""
    with figure(title) as (axes, svg):
        _over_time(axes, rows, ACCENT)
        axes.set(ylabel=say("mean_rating"), ylim=(1, scale))
    return svg[0]


def complaints_by_period(rows: Sequence[dict[str, Any]], title: str, say: Phrases) -> Markup:
    """Share of complaints per period with its confidence interval."""
    with figure(title) as (axes, svg):
        _over_time(axes, rows, BAD)
        axes.set(ylabel=say("complaint_share"))
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter("{x:.0%}")
    return svg[0]


def _over_time(axes: Axes, rows: Sequence[dict[str, Any]], color: str) -> None:
    months = [row["name"] for row in rows]
    axes.errorbar(
        months,
        [row["mean"] for row in rows],
        yerr=_distances(rows),
        fmt="o-",
        markersize=3,
        color=color,
        ecolor=NEUTRAL,
        elinewidth=1,
    )
    ticks = 5 if len(months[0]) <= SHORT_NAME else 4
    axes.set_xticks(range(0, len(months), -(-len(months) // ticks)))


def _distances(rows: Sequence[dict[str, Any]]) -> list[list[float]]:
    return [
        [max(0.0, row["mean"] - row["interval"][0]) for row in rows],
        [max(0.0, row["interval"][1] - row["mean"]) for row in rows],
    ]


@contextmanager
def figure(title: str, size: tuple[float, float] = SIZE) -> Iterator[tuple[Axes, list[Markup]]]:
    """Yield axes and a list that receives the SVG when the block ends; ``size`` is in inches."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    svg: list[Markup] = []
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # The reader's browser renders the text, so fonts missing here do not matter.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        drawn = Figure(figsize=size, layout="constrained")
        canvas = FigureCanvasSVG(drawn)
        yield drawn.subplots(), svg
        buffer = io.StringIO()
        # ``savefig`` would draw everything twice.
        canvas.print_svg(buffer, metadata={"Date": None})  # type: ignore[no-untyped-call]
    svg.append(_inline(buffer.getvalue(), title))


def _inline(svg: str, title: str) -> Markup:
    """The SVG element with an ARIA label; size and style come from the page."""
    element = svg[svg.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", element,
                     flags=re.DOTALL)  # fmt: skip
    element = re.sub(r'style="([^"]*)"', _attributes, element)
    for color, variable in VARIABLES.items():
        element = element.replace(color, f"var(--{variable})")
    # Several plots share a page, so their ids need a prefix.
    prefix = f"plot{zlib.crc32(title.encode())}-"
    element = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{prefix}", element)
    element = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" ', "", element, count=1)
    element = element.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
    return Markup(element)  # noqa: S704  (matplotlib escapes the labels)


def _attributes(style: re.Match[str]) -> str:
    """Convert inline styles to attributes, without fonts, which the page sets."""
    pairs = (one.partition(":") for one in style[1].split(";"))
    return " ".join(
        f'{name.strip()}="{value.strip()}"' for name, _, value in pairs if name.strip() != "font"
    )
