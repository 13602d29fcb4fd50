"""A report from data made by hand."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.crawl.summary import CrawlSummary
from pipeline.evaluate.behaviour import run
from pipeline.evaluate.records import Metrics
from pipeline.evaluate.scores import evaluate
from pipeline.explain.records import Explanation
from pipeline.report.html import write_report
from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.report.phrases import Language
from pipeline.settings import EvaluateSettings, Settings
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.topics.records import TopicReport

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
HOSTILE = [EVIL, "\u202eevil\u202c", "가" * 100_000, "😀👍", "a\u0000b" * 3]

RATED: list[dict[str, Any]] = [
    {
        "text": "가",
        "rating": 1.0 + n % 5,
        "group": f"{EVIL}{n % 12}",
        "aspect_ratings": '{"<img src=x onerror=alert(1)>": 2, "교통": 4}',
        "date": f"2026-{1 + n % 3:02}-01",
    }
    for n in range(80)
]


def driver(phrase: str, weight: float) -> dict[str, Any]:
    """An entry of ``explanation.json``."""
    return {
        "phrase": phrase, "documents": 1200, "share": 0.12, "effect": weight / 20,
        "interval": [weight / 20 - 0.1, weight / 20 + 0.1], "weight": weight, "tokens": [phrase],
        "examples": [f"{phrase} 그리고 {HOSTILE[1]}", HOSTILE[2][:300]],
    }  # fmt: skip


def error(text: str, label: Any = "positive", **answers: Any) -> dict[str, Any]:
    """An entry of ``explanation.json``."""
    answer = {"label": "negative", "probability": 0.1}
    return {
        "label": label, "network": answer, "baseline": answer, "doubtful": False,
        "pieces": [[text[:5], 0.7], [text[5:], -2.0]], **answers,
    }  # fmt: skip


def explained(errors: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """Content of ``explanation.json``; without drivers unless ``more`` has some."""
    return {
        "texts": 4000, "examples": 9000, "up": [], "down": [], "aspects": {}, "related": {},
        "errors": errors or [], **more,
    }  # fmt: skip


def hostile() -> dict[str, Any]:
    """An explanation of hostile reviews."""
    up = [driver(text[:40], 40 - number) for number, text in enumerate(HOSTILE)]
    return explained(
        [error(text[:600]) for text in HOSTILE] + [error("층간소음", "negative", doubtful=True)],
        up=up,
        down=[driver("주차", -30)],
        related={up[0]["phrase"]: [[EVIL, 0.9], ["좋다", 0.8]]},
        aspects={EVIL: {"texts": 120, "up": up[:1], "down": []}},
    )


def judged_rows(reviews: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of ``judged.parquet``: a text is a complaint up to a rating of 2."""
    return [
        {
            **row,
            "label": "negative" if (row["rating"] or 5) <= 2 else "positive",
            "answer": "positive", "positive": 0.9, "is_complaint": (row["rating"] or 5) <= 2,
            "is_hidden": False, "is_doubtful": False, "topics": [],
            "group": row["group_name"] or row["group"],
        }
        for row in reviews
    ]  # fmt: skip


def write(
    folder: Path,
    rows: list[dict[str, Any]] | None = None,
    explanation: dict[str, Any] | None = None,
    *,
    language: Language = "en",
    length_percentile: float | None = 99.5,
    networks: int = 1,
    target: Target = BINARY,
    baseline: Target | None = None,
    class_weights: str | None = None,
    thresholds: dict[str, float] | None = None,
    origins: dict[str, int] | None = None,
    neutral_labels: int = 0,
    statuses: dict[str, int] | None = None,
    empty: int = 0,
    more: dict[str, Any] | None = None,
    drift: dict[str, Any] | None = None,
    champion: dict[str, Any] | None = None,
    topics: TopicReport | None = None,
    judged: list[dict[str, Any]] | None = None,
) -> str:
    """Write ``report.html`` and ``report.xlsx``; returns the text of the page."""
    defaults = dict.fromkeys(REVIEWS_SCHEMA.names, "") | {
        "rating": None, "label": 1, "aspect_ratings": "{}", "held_out": False, "by_hand": False,
    }  # fmt: skip
    table = pa.Table.from_pylist(
        [defaults | row for row in rows or [{"text": "가"}]], schema=REVIEWS_SCHEMA
    )
    pq.write_table(table, folder / "reviews.parquet")
    judged = judged or judged_rows(table.to_pylist())
    pq.write_table(pa.Table.from_pylist(judged, JUDGED_SCHEMA), folder / "judged.parquet")
    labels = np.arange(40, dtype=np.float32) % max(2, len(target.names))
    predicted = np.linspace(0, 1, 40)
    if target.link.outputs > 1:
        predicted = np.random.default_rng(1).dirichlet(np.ones(target.link.outputs), 40)
    targets = {"network": target, "baseline": baseline or target}
    metrics = evaluate(
        labels,
        {"network": predicted, "baseline": predicted[::-1]},
        EvaluateSettings(bootstrap_samples=20),
        targets,
    )
    split = {name: number for number, name in enumerate(target.names, 1)}
    vocabulary = {
        "size": 40000, "max_length": 1234, "length_percentile": length_percentile, "cut": 3,
        "rows": 5000, "splits": {"test": {"unknown_share": 0.125}},
    }  # fmt: skip
    write_report(
        folder / "report.html",
        language=language,
        source="<b>my</b>.tsv",
        target=target,
        reviews=folder / "reviews.parquet",
        judged=folder / "judged.parquet",
        topics=topics,
        metrics=cast(Metrics, metrics | {
            "vocabulary": vocabulary, "cautions": [],
            "targets": {name: one.model_dump() for name, one in targets.items()},
            "folds": 0,
            "chosen_baseline": {"class_weights": None, "validation": {"plain": 0.5}},
            "slices": {"rows": [], "too_small": 0},
            "leakage": {"same": 0, "near": 0, "group_overlap": 0, "with": 0.5, "without": 0.5},
            **(more or {}),
        }),
        behaviour=run(lambda texts: np.full(len(texts), 0.7)),
        explanation=cast(Explanation, explanation or explained()),
        drift=drift,
        champion=champion,
        crawl=CrawlSummary(
            ["s"], pages=2, requests={"200": 2}, reviews=statuses or {"new": 3},
            skipped={"missing text": 2},
            notices=["<i>a list</i> was left"], failed={"http://a/<b>": "<u>reset</u>"}, failures=1,
        ).as_dict(),
        examples={
            "between": 1, "unlabeled": 1, "empty": empty, "groups": 2, "examples": 9,
            "rule": "as given", "thresholds": thresholds, "origins": origins or {"source": 9},
            "neutral_labels": neutral_labels,
            "splits": dict.fromkeys(("train", "validation", "test"), split),
        },
        training=[{
            "kind": "functional", "tagger": "okt", "parameters": 1000, "best_epoch": 1,
            "in_time": True, "class_weights": class_weights,
            "pretrained": {"texts": 900, "min_texts": 5000, "layers": []},
            "history": {"loss": [0.5, 0.4], "val_loss": [0.5, 0.6]},
            "layers": [{"name": "forward", "kind": "LSTM", "parameters": 900}],
        }] * networks,
        settings=Settings().recipe,
    )  # fmt: skip
    return (folder / "report.html").read_text(encoding="utf-8")
