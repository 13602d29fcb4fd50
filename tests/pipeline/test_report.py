import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.behaviour import run
from pipeline.crawl.summary import CrawlSummary
from pipeline.evaluate import evaluate
from pipeline.report import write_report
from pipeline.report.wording import RATINGS, verdict
from pipeline.schemas import REVIEWS
from pipeline.settings import EvaluateSettings
from pipeline.target import BINARY, Score, Target, Three


def write(
    tmp_path: Path,
    rows: list[dict[str, Any]],
    mistakes: list[dict[str, Any]],
    *,
    length_percentile: float | None = 99.5,
    networks: int = 1,
    target: Target = BINARY,
    class_weights: str | None = None,
    more: dict[str, Any] | None = None,
) -> str:
    defaults = dict.fromkeys(REVIEWS.names, "") | {
        "rating": None, "label": 1, "aspect_ratings": "{}", "held_out": False,
    }  # fmt: skip
    table = pa.Table.from_pylist([defaults | row for row in rows], schema=REVIEWS)
    pq.write_table(table, tmp_path / "reviews.parquet")
    labels = np.arange(40, dtype=np.float32) % max(2, len(target.names))
    predicted = np.linspace(0, 1, 40)
    if target.link.outputs > 1:
        predicted = np.random.default_rng(1).dirichlet(np.ones(target.link.outputs), 40)
    metrics = evaluate(
        labels,
        {"network": predicted, "baseline": predicted[::-1]},
        EvaluateSettings(bootstrap_samples=20),
        target,
    )
    split = {name: number for number, name in enumerate(target.names, 1)}
    vocabulary = {
        "size": 40000, "max_length": 1234, "length_percentile": length_percentile, "cut": 3,
        "rows": 5000, "splits": {"test": {"unknown_share": 0.125}},
    }  # fmt: skip
    write_report(
        tmp_path / "report.html",
        source="<b>my</b>.tsv",
        target=target,
        reviews=tmp_path / "reviews.parquet",
        metrics=metrics | {
            "mistakes": mistakes, "vocabulary": vocabulary, "cautions": [],
            "slices": {"rows": [], "too_small": 0},
            "leakage": {"same": 0, "near": 0, "group_overlap": 0, "with": 0.5, "without": 0.5},
            **(more or {}),
        },
        behaviour=run(lambda texts: np.full(len(texts), 0.7)),
        crawl=CrawlSummary(
            ["s"], pages=2, requests={"200": 2}, reviews={"new": 3}, skipped={"missing text": 2},
            notices=["<i>a list</i> was left"], failed={"http://a/<b>": "<u>reset</u>"}, failures=1,
        ).as_dict(),
        examples={
            "between": 1, "unlabeled": 1, "empty": 0, "groups": 2, "examples": 9,
            "rule": "as given",
            "splits": dict.fromkeys(("train", "validation", "test"), split),
        },
        training=[{
            "kind": "functional", "tagger": "okt", "parameters": 1000, "best_epoch": 1,
            "in_time": True, "class_weights": class_weights,
            "pretrained": {"texts": 900, "min_texts": 5000, "layers": []},
            "history": {"loss": [0.5, 0.4], "val_loss": [0.5, 0.6]},
            "layers": [{"name": "forward", "kind": "LSTM", "parameters": 900}],
        }] * networks,
    )  # fmt: skip
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_what_comes_from_outside_is_escaped(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script>"
    aspects = '{"<img src=x onerror=alert(1)>": 2, "교통": 4}'
    rows = [
        {"text": "가", "rating": 1.0 + n % 5, "group": f"{evil}{n % 12}", "aspect_ratings": aspects,
         "date": f"2026-{1 + n % 3:02}-01"}
        for n in range(80)
    ]  # fmt: skip
    page = write(tmp_path, rows, [{"text": evil, "label": "positive", "probability": 0.1}])
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;i&gt;a list" in page
    assert "Lost: http://a/&lt;b&gt;: &lt;u&gt;reset" in page
    assert "&lt;b&gt;my&lt;/b&gt;.tsv" in page


def test_a_report_on_three_classes_shows_each_of_them(tmp_path: Path) -> None:
    row = {"text": "가<", "label": "neutral", "predicted": "positive", "probability": 0.9}
    page = write(tmp_path, [{"text": "가"}], [row], target=Three(), class_weights="balanced")
    for name in ("negative", "neutral", "positive"):
        assert page.count(f"<td>is {name}</td>") == page.count(f"<th>predicted {name}</th>") == 2
    assert "means over the classes" in page
    assert "each class weighed the same" in page
    assert "<th>negative</th><th>neutral</th><th>positive</th>" in page
    assert "가&lt;</td><td>neutral</td><td>positive</td><td>90.0 %" in page
    assert "Probability of positive" not in page


def test_a_report_on_ratings_shows_errors_in_their_points(tmp_path: Path) -> None:
    row = {"text": "가<", "label": 1.0, "predicted": 4.56, "score": 4.56}
    page = write(tmp_path, [{"text": "가"}], [row], target=Score(lowest=1, highest=5))
    assert "Mean absolute error on 40 test reviews" in page
    assert "in points of the rating, from 1 to 5" in page
    assert "Rank correlation (Spearman)" in page
    assert 'aria-label="Mean prediction by given rating"' in page
    assert "가&lt;</td><td>1</td><td>4.56</td>" in page
    assert "confusion" not in page
    assert "weighed the same" not in page


def test_it_needs_no_other_file(tmp_path: Path) -> None:
    page = write(tmp_path, [{"text": "가", "rating": 4.0}], [])
    links = re.findall(r"(?:src|href)\s*=\s*[\"']([^\"'#][^\"']*)", page)
    assert not links
    assert "@import" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_each_network_of_an_ensemble_is_described(tmp_path: Path) -> None:
    page = write(tmp_path, [{"text": "가"}], [], networks=2)
    assert "an ensemble of 2 networks" in page
    assert "Layers with parameters of network 2" in page
    assert "Loss by epoch, network 2" in page
    assert "an ensemble" not in write(tmp_path, [{"text": "가"}], [])


def test_without_ratings_dates_or_mistakes_it_still_reads_well(tmp_path: Path) -> None:
    page = write(tmp_path, [{"text": "가"}], [])
    assert "What people say" not in page
    assert "got every test review right" in page
    assert "Items skipped: missing text</td><td>2</td>" in page


@pytest.mark.parametrize(
    ("length_percentile", "why"),
    [(99.5, "a length that 99.5 % of the training reviews do not exceed"), (None, "as set")],
)
def test_it_says_what_the_network_does_not_read(
    tmp_path: Path, length_percentile: float | None, why: str
) -> None:
    page = write(tmp_path, [{"text": "가"}], [], length_percentile=length_percentile)
    assert "holds 40,000 entries; 12.5 % of the test split" in page
    assert f"reads the first 1,234 tokens of a review, {why}; 3 of 5,000 reviews are cut" in page


@pytest.mark.parametrize(
    ("value", "interval", "kind"),
    [
        (0.02, [0.01, 0.03], "better"),
        (-0.02, [-0.03, -0.01], "worse"),
        (0.02, [-0.01, 0.05], "even"),
    ],
)
def test_the_verdict_follows_the_interval(value: float, interval: list[float], kind: str) -> None:
    difference = {"difference": {"value": value, "interval": interval}, "cautions": []}
    found = verdict(difference)
    assert found["kind"] == kind
    assert "2.0 points" in found["text"]
    assert "0.020 of a rating point" in verdict(difference, RATINGS)["text"]


def test_what_makes_figures_worthless_stands_in_place_of_a_proud_verdict() -> None:
    better = {"value": 0.2, "interval": [0.1, 0.3]}
    few = {"kind": "few_examples", "examples": 10}
    leak = {"kind": "leak", "seen": 4, "share": 0.4}
    found = verdict({"difference": better, "cautions": [few, leak]})
    assert found["kind"] == "worse"
    assert found["text"] == "10 test reviews are too few to trust any of these figures."
    assert found["cautions"] == [
        "4 test reviews (40.0%) are in the training reviews too, the same or nearly the same: "
        "the figures flatter the model."
    ]
    better_with_leak = verdict({"difference": better, "cautions": [leak]})
    assert better_with_leak["kind"] == "better"
    assert len(better_with_leak["cautions"]) == 1


def test_the_weak_parts_and_the_leaks_are_shown(tmp_path: Path) -> None:
    part = {"slice": "group", "value": "<b>단지</b>", "examples": 31, "network": 0.25,
            "baseline": 0.5, "interval": [0.1, 0.4]}  # fmt: skip
    leakage = {"same": 3, "near": 1, "group_overlap": 7, "with": 0.5, "without": 0.45}
    page = write(
        tmp_path, [{"text": "가"}], [],
        more={"slices": {"rows": [part], "too_small": 2}, "leakage": leakage},
    )  # fmt: skip
    assert "Group: <bdi>&lt;b&gt;단지&lt;/b&gt;</bdi></td><td>31</td><td>25.0 %" in page
    assert "2 parts of fewer than 30 reviews are left out" in page
    assert "Without them the network's accuracy is 45.0 % instead of 50.0 %" in page


def test_failed_behaviour_tests_are_listed(tmp_path: Path) -> None:
    page = write(tmp_path, [{"text": "가"}], [])
    assert "<td>negation</td><td>14</td><td>28</td>" in page
    assert "교통이 안 좋아요</td><td>negative</td><td>70.0 %</td>" in page
