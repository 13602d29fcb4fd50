"""The watch flow on a real Prefect server."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import requests

from tests.flows.hook import receiver
from tests.processes import ROOT, answering

WATCH = """
import sys
from flows.deployments import watch_source
for _ in sys.stdin:
    print(watch_source("workspace", "", sys.argv[1:]), flush=True)
"""
TEXTS = ["정말 재미있어요 최고예요", "지루하고 시간이 아까워요"]


@contextlib.contextmanager
def watching(folder: Path, server: str, url: str) -> Iterator[Callable[[list[str]], Any]]:
    """Run the flow on a file with some texts; gives the rows of its predictions."""
    given = ["source.kind=file", "source.path=reviews.txt", "alerts.complaints=true"]
    with answering(
        *(sys.executable, "-c", WATCH, *given),
        cwd=folder,
        env=os.environ
        | {
            "PREFECT_API_URL": server,
            "PYTHONPATH": str(ROOT),
            "REVIEW_SENTIMENT_NOTIFY__URL": url,
        },
    ) as ask:

        def watch(texts: list[str]) -> list[dict[str, Any]]:
            lines = "\n".join(["text", *texts, ""])
            (folder / "reviews.txt").write_text(lines, encoding="utf-8")
            rows: list[dict[str, Any]] = pq.read_table(folder / ask("")).to_pylist()
            return rows

        yield watch


def newest(server: str) -> dict[str, Any]:
    """The last artifact about new reviews."""
    asked = {"artifacts": {"key": {"any_": ["new-reviews"]}}, "sort": "CREATED_DESC"}
    found: dict[str, Any] = requests.post(
        f"{server}/artifacts/filter", json=asked, timeout=60
    ).json()[0]
    return found


def test_new_reviews_before_there_is_a_model(prefect_server: str, tmp_path: Path) -> None:
    received: list[dict[str, Any]] = []
    more = [*TEXTS, "감동적이에요", "돈이 아까운 쓰레기 @here"]
    with receiver(received) as url, watching(tmp_path, prefect_server, url) as watch:
        first = watch(TEXTS)
        assert [row["label"] for row in first] == ["positive", "negative"]
        told = "2 new reviews, 1 negative; the most negative ones"
        assert newest(prefect_server)["description"] == told
        assert received == []
        second = watch(more)
        assert second[:2] == first
        assert [row["label"] for row in second[2:]] == ["positive", "negative"]
        artifact = newest(prefect_server)
        assert artifact["description"] == told
        worst, best = json.loads(artifact["data"])
        assert list(worst) == ["positive", "review"]
        assert (worst["review"], best["review"]) == (more[3], more[2])
        assert int(worst["positive"].removesuffix("%")) < 50
        assert watch(more) == second
        assert newest(prefect_server)["description"] == "0 new reviews"
    (message,) = received
    assert message["event"] == "complaints"
    assert message["text"].splitlines() == ["New complaints: 1", "“돈이 아까운 쓰레기 ＠here”"]
    assert message["matches"][0]["quote"] == "돈이 아까운 쓰레기 ＠here"
