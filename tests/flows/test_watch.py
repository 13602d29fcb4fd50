"""The watch flow on a real Prefect server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import requests

from tests.processes import ROOT

WATCH = """
import sys
from flows.cli.options import GlobalOptions
from flows.cli.session import locked_session, open_workspace
workspace, settings = open_workspace(GlobalOptions(overrides=tuple(sys.argv[1:])))
with locked_session(workspace):
    from flows.watch import watch
    print(watch(workspace, settings))
"""
TEXTS = ["정말 재미있어요 최고예요", "지루하고 시간이 아까워요"]


def watch(folder: Path, server: str, texts: list[str]) -> list[dict[str, Any]]:
    """The table of predictions after watching a file with these texts."""
    (folder / "reviews.txt").write_text("\n".join(["text", *texts]) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WATCH, "source.kind=file", "source.path=reviews.txt"],
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": server, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "predicting with the starter" in done.stderr
    rows: list[dict[str, Any]] = pq.read_table(done.stdout.strip()).to_pylist()
    return rows


def newest(server: str) -> dict[str, Any]:
    """The last artifact about new reviews."""
    asked = {"artifacts": {"key": {"any_": ["new-reviews"]}}, "sort": "CREATED_DESC"}
    found: dict[str, Any] = requests.post(
        f"{server}/artifacts/filter", json=asked, timeout=60
    ).json()[0]
    return found


def test_the_starter_watches_before_there_is_a_model(prefect_server: str, tmp_path: Path) -> None:
    first = watch(tmp_path, prefect_server, TEXTS)
    assert [row["label"] for row in first] == ["positive", "negative"]
    assert newest(prefect_server)["description"].startswith("2 new reviews, ")
    second = watch(tmp_path, prefect_server, [*TEXTS, "돈이 아까운 쓰레기 영화"])
    assert second[:2] == first
    assert second[2]["label"] == "negative"
    artifact = newest(prefect_server)
    assert artifact["description"].startswith("1 new review, ")
    (worst,) = json.loads(artifact["data"])
    assert worst["review"] == "돈이 아까운 쓰레기 영화"
    assert worst["positive"] < 0.5
