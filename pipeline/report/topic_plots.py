"""Plots of topics: mentions against share of complaint, and changes between two periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from markupsafe import Markup

from pipeline.report.phrases import Phrases
from pipeline.report.plots import ACCENT, BAD, EDGE, GOOD, LINE, NEUTRAL, PAPER, figure
from pipeline.report.topics import Change, standing
from pipeline.topics.records import TopicReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_POINTS = 24
COLORS = {"down": BAD, "up": GOOD, "": NEUTRAL}
WIDTH, HEIGHT = 9.0, 4.4
LONGEST_NAME = 14
EM = 0.155
"""Width of a Hangul syllable of a label in inches; Latin letters are about half as wide."""


def topic_map(report: TopicReport, title: str, say: Phrases) -> Markup:
    """Share of mentions against share of complaint; the dashed line is the average topic."""
    topics = report.topics[:MAX_POINTS]
    across = [topic.mentions / report.sampled for topic in topics]
    up = [topic.complaint_share.value for topic in topics]
    with figure(title, (WIDTH, HEIGHT)) as (axes, svg):
        axes.set_xscale("log")
        axes.set_xlim(min(across) / 1.25, max(across) * 1.6)
        axes.set_ylim(-0.04, min(1.04, max(up) * 1.15 + 0.06))
        mean = report.complaint_share
        if mean is not None:
            axes.axhline(mean, color=EDGE, linestyle="--", linewidth=1)
        axes.scatter(across, up, s=36, c=[COLORS[standing(topic, report)] for topic in topics],
                     edgecolors=PAPER, linewidths=1, zorder=3)  # fmt: skip
        _name(
            axes, list(zip(across, up, [short(topic.name) for topic in topics], strict=True)), mean
        )
        axes.set(xlabel=say("share_of_reviews"), ylabel=say("share_of_complaint"))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.1%}".replace(".0%", "%"))
        axes.xaxis.set_minor_formatter(lambda *_: "")
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.set_xticks(_ticks(*axes.get_xlim()))
        axes.minorticks_off()
    return svg[0]


def _ticks(low: float, high: float) -> list[float]:
    """Round shares as ticks of a logarithmic axis, at least three if there is room."""
    for steps in ((1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = [step * 10.0**power for power in range(-6, 1) for step in steps]
        shown = [one for one in ticks if low <= one <= min(high, 1)]
        if len(shown) > 2:
            break
    return shown


class _Box(NamedTuple):
    """A rectangle in inches."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: _Box) -> bool:
        return (self.left < other.right and other.left < self.right
                and self.bottom < other.top and other.bottom < self.top)  # fmt: skip


def _name(axes: Axes, points: Sequence[tuple[float, float, str]], line: float | None) -> None:
    """Write the names beside the points, in order; a point without room gets no name.

    Names do not overlap the horizontal ``line``.
    """
    from math import log

    (low, high), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    width, height = WIDTH - 0.9, HEIGHT - 0.8
    places = [
        (width * log(x / low) / log(high / low), height * (y - bottom) / (top - bottom))
        for x, y, _ in points
    ]
    taken = [_Box(x - 0.06, y - 0.06, x + 0.06, y + 0.06) for x, y in places]
    if line is not None:
        at = height * (line - bottom) / (top - bottom)
        taken.append(_Box(0, at - 0.02, width, at + 0.02))
    for (x, y, name), (left, up) in zip(points, places, strict=True):
        size = EM * sum(1 if east_asian_width(one) in "WF" else 0.55 for one in name)
        for side, shift, align in ((0.09, 0.0, "left"), (-0.09, 0.0, "right"),
                                   (0.0, 0.17, "center"), (0.0, -0.17, "center")):  # fmt: skip
            start = left + side - {"left": 0, "right": size, "center": size / 2}[align]
            box = _Box(start, up + shift - 0.08, start + size, up + shift + 0.08)
            inside = box.left >= 0 and box.right <= width and box.bottom >= 0 and box.top <= height
            if inside and not any(box.meets(other) for other in taken):
                taken.append(box)
                axes.annotate(name, (x, y), xytext=(side * 72, shift * 72), ha=align, va="center",
                              textcoords="offset points")  # fmt: skip
                break


def short(name: str) -> str:
    """A name, shortened to fit beside a plot."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def dumbbell(rows: Sequence[Change], labels: tuple[str, str], title: str, say: Phrases) -> Markup:
    """Share of complaint of each topic in two periods, with Wilson's intervals."""
    with figure(title, (5.2, 1.2 + 0.42 * len(rows))) as (axes, svg):
        for place, row in enumerate(rows):
            color = NEUTRAL
            if row.is_sure:
                color = BAD if row.after.value > row.before.value else GOOD
            axes.plot([row.before.value, row.after.value], [place, place], color=color,
                      linewidth=2.5, zorder=2)  # fmt: skip
            for ratio, shift in ((row.before, -0.16), (row.after, 0.16)):
                axes.plot(ratio.interval, [place + shift] * 2, color=EDGE, linewidth=0.8)
        places = range(len(rows))
        axes.scatter([row.before.value for row in rows], places, s=42, facecolors=PAPER,
                     edgecolors=EDGE, linewidths=1.5, zorder=3, label=labels[0])  # fmt: skip
        axes.scatter([row.after.value for row in rows], places, s=42, color=ACCENT, zorder=4,
                     label=labels[1])  # fmt: skip
        axes.set_yticks(places, [short(row.name) for row in rows])
        axes.set(xlabel=say("share_of_complaint"), ylim=(len(rows) - 0.5, -0.5))
        axes.set_xlim(left=-0.03)
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
        axes.spines["left"].set_color(LINE)
    return svg[0]
