"""Plots as SVG, their labels left as text so that the reader's own fonts show Hangul."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NETWORK, BASELINE, GOOD, BAD, NEUTRAL = "#2456a6", "#b0762a", "#2f7d5b", "#b3423f", "#8a919b"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "review-sentiment",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#6b7280",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e5e7eb",
    "legend.frameon": False,
}


def learning_curves(history: dict[str, list[float]]) -> str:
    """Loss on training and validation data after each epoch."""
    epochs = range(1, len(history["loss"]) + 1)
    with _figure("Loss by epoch") as (axes, svg):
        axes.plot(epochs, history["loss"], "o-", color=NEUTRAL, label="training")
        axes.plot(epochs, history["val_loss"], "o-", color=NETWORK, label="validation")
        axes.set(xlabel="epoch", ylabel="cross-entropy", xticks=list(epochs))
        axes.set_ylim(bottom=0)
        axes.legend()
    return svg[0]


def roc_curves(curves: dict[str, dict[str, Any]]) -> str:
    """True positive rate over false positive rate, network before baseline."""
    with _figure("ROC curve on the test split") as (axes, svg):
        for (name, curve), color in zip(curves.items(), (NETWORK, BASELINE), strict=True):
            axes.plot(
                curve["false_positive_rate"], curve["true_positive_rate"], color=color, label=name
            )
        axes.plot([0, 1], [0, 1], ":", color=NEUTRAL, label="chance")
        axes.set(xlabel="false positive rate", ylabel="true positive rate")
        axes.legend(loc="lower right")
    return svg[0]


def reliability(bins: dict[str, list[dict[str, float]]]) -> str:
    """Share of right answers by how sure the model is of them, network before baseline."""
    with _figure("How often a sure answer is right") as (axes, svg):
        for (name, rows), color in zip(bins.items(), (NETWORK, BASELINE), strict=True):
            axes.plot(
                [row["sure"] for row in rows],
                [row["right"] for row in rows],
                "o-",
                color=color,
                label=name,
                markersize=4,
            )
        axes.plot([0, 1], [0, 1], ":", color=NEUTRAL, label="as it should be")
        lowest = min(row["sure"] for rows in bins.values() for row in rows)
        axes.set(xlabel="probability of the answer", ylabel="share that is right")
        axes.set(xlim=(lowest - 0.02, 1.02), ylim=(0, 1.02))
        axes.legend(loc="lower right")
    return svg[0]


def predicted_ratings(means: dict[str, list[dict[str, float]]]) -> str:
    """Mean prediction for each given rating, network before baseline."""
    with _figure("Mean prediction by given rating") as (axes, svg):
        for (name, rows), color in zip(means.items(), (NETWORK, BASELINE), strict=True):
            given = [row["rating"] for row in rows]
            axes.plot(given, [row["mean"] for row in rows], "o-", color=color, label=name)
        axes.plot(given, given, ":", color=NEUTRAL, label="right")
        axes.set(xlabel="given rating", ylabel="mean prediction")
        axes.legend(loc="upper left")
    return svg[0]


def rating_shares(counts: dict[float, int]) -> str:
    """How many reviews gave each rating."""
    ratings = sorted(counts)
    with _figure("Reviews by rating") as (axes, svg):
        axes.bar([f"{rating:g}" for rating in ratings], [counts[r] for r in ratings], color=NETWORK)
        axes.set(xlabel="rating", ylabel="reviews")
        axes.grid(visible=False, axis="x")
    return svg[0]


def mean_ratings(names: Sequence[str], means: Sequence[float], scale: int) -> str:
    """Mean rating of each aspect, the lowest first."""
    with _figure("Mean rating by aspect") as (axes, svg):
        bars = axes.barh(names, means, color=[BAD if m == min(means) else NETWORK for m in means])
        axes.bar_label(bars, fmt="%.2f", padding=4)
        axes.set(xlabel="mean rating", xlim=(1, scale))
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
    return svg[0]


def rating_by_month(months: Sequence[str], means: Sequence[float], scale: int) -> str:
    """Mean rating in each month."""
    with _figure("Mean rating by month") as (axes, svg):
        axes.plot(months, means, "o-", color=NETWORK, markersize=3)
        axes.set(ylabel="mean rating", ylim=(1, scale))
        step = max(1, len(months) // 6)
        axes.set_xticks(range(0, len(months), step))
    return svg[0]


@contextmanager
def _figure(title: str) -> Iterator[tuple[Axes, list[str]]]:
    """Axes to draw on; the list holds the SVG when the block has ended."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    svg: list[str] = []
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # The reader's fonts draw the text, so it does not matter what this machine lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure = Figure(figsize=(5.2, 3.4), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure.subplots(), svg
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg.append(_inline(buffer.getvalue(), title))


def _inline(svg: str, title: str) -> str:
    """The SVG element alone, sized by the page, described for those who cannot see it."""
    element = svg[svg.index("<svg") :]
    # Several plots share a page: their ids must not meet.
    prefix = re.sub(r"\W+", "-", title.lower())
    element = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{prefix}-", element)
    element = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" ', "", element, count=1)
    return element.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
