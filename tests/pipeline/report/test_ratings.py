"""Rating statistics of a report."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report.phrases import Phrases
from pipeline.report.plots import rating_shares
from pipeline.report.ratings import describe
from pipeline.storage.schemas import REVIEWS_SCHEMA

ENGLISH = Phrases("en")


def write(path: Path, dates: list[str], ratings: list[float]) -> Path:
    rows = [
        dict.fromkeys(REVIEWS_SCHEMA.names) | {"aspect": "", "aspect_ratings": "{}", "group": "",
                                               "date": date, "rating": rating}
        for date, rating in zip(dates, ratings, strict=True)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), path)
    return path


def test_texts_in_place_of_dates_are_left_out(tmp_path: Path) -> None:
    """Earlier versions stored the dates of files as they were written."""
    texts = ["2026.7.3", "20260703", "2025.07.24.", "뒤집기", "10시간 전", "2026/07/03"]
    dates = [*texts, *["2026-07-03", "2026-08-03"]] * 5
    path = write(tmp_path / "reviews.parquet", dates, [1.0, 5.0] * 20)
    described = describe(path, ENGLISH)
    assert (described["first"], described["last"]) == ("2026-07-03", "2026-08-03")
    assert len(described["plots"]) == 2


@pytest.mark.parametrize("highest", [5, 10, 100])
def test_ratings_of_every_scale_are_plotted(tmp_path: Path, highest: float) -> None:
    dates = ["2026-07-03", "2026-08-03"] * 10
    path = write(tmp_path / "reviews.parquet", dates, [1.0, highest] * 10)
    assert len(describe(path, ENGLISH)["plots"]) == 2


def test_months_have_the_names_of_the_other_plots(tmp_path: Path) -> None:
    path = write(tmp_path / "r.parquet", ["2026-07-03", "2026-08-03"] * 10, [1.0, 5.0] * 10)
    for say, name in ((ENGLISH, "2026-07"), (Phrases("ko"), "2026년 7월")):
        assert f">{name}<" in describe(path, say)["plots"][say("plot_months")]


@pytest.mark.parametrize(
    ("ratings", "labels", "bars"),
    [
        ([1 + one / 3 for one in range(13)], ["1", "2", "3", "4", "5"], 13),
        ([one / 10 for one in range(101)], ["0", "2", "4", "6", "8", "10"], 20),
        ([5.0], ["4", "5", "6"], 1),
    ],
)
def test_labels_of_ratings_do_not_overlap(
    ratings: list[float], labels: list[str], bars: int
) -> None:
    svg = rating_shares(dict.fromkeys(ratings, 1_500), "", ENGLISH)
    shown = re.findall(r"<text[^>]*>([^<]+)<", svg)
    assert shown[: shown.index("Rating")] == labels
    assert "1,000" in shown
    assert svg.count('fill="var(--network)"') == bars
