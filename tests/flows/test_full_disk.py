"""Commands that write no run, on a full disk and on one that cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.model.registry import Registry
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.stages.last_report import LastReport
from pipeline.storage import names
from pipeline.storage.database import Database
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.api import serve_api, workspace_of
from tests.pipeline.small_model import BAD, copy_small

LEFT = 256 * 2**10
"""Bytes that are left on the full disk."""


@pytest.fixture
def workspace(small_model: Manifest, small_disk: Path, tmp_path: Path) -> Workspace:
    """A workspace with a model, a report and reviews, on a small disk."""
    (tmp_path / "data").symlink_to(small_disk)
    workspace = workspace_of(tmp_path)
    Registry(workspace).add(copy_small(small_model, workspace.root))
    made = []
    for stage in ("report", "topics", "judged", "crawl"):
        (workspace.folder(stage, "a" * 16) / names.REPORT).touch()
        made.append(workspace.finish(stage, "a" * 16, [names.REPORT], 1, {}))
    *report, snapshot = made
    LastReport(*report).remember(workspace, snapshot)
    with Database(workspace.store_path) as database, database.transaction() as connection:
        review = Review(source="s", review_id="1", text="조용하고 좋아요")
        Store(database).save(connection, "s", [review], 1)
    return workspace


def fill(disk: Path) -> None:
    """Write a file that leaves :data:`LEFT` bytes."""
    free = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(b"\0" * (free.f_bavail * free.f_frsize - LEFT))


def predicted(folder: Path) -> str:
    """What ``predict`` prints, in a process of its own: it would keep the model's files open."""
    command = [sys.executable, "-m", "flows", "predict", "--text", BAD[0]]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_reading_and_deleting_work_on_a_full_disk(
    command: Command, workspace: Workspace, small_disk: Path, tmp_path: Path
) -> None:
    fill(small_disk)
    assert predicted(tmp_path).startswith("negative")
    for arguments in (
        ["models"],
        ["report"],
        ["models", "promote", "1"],
        ["repair"],
        ["purge", "--source", "s", "--yes"],
        ["purge", "--models", "--yes"],
    ):
        answer = command(*arguments)
        assert answer.status == 0, (arguments, answer.err)
    assert "no model yet" in command("models").err
    assert Registry(workspace).versions() == []
    for arguments in (["crawl"], ["run"], ["train"], ["serve"]):
        assert "MB are needed" in command(*arguments).error, arguments


def test_reading_works_on_a_disk_that_cannot_be_written(
    command: Command, workspace: Workspace, small_disk: Path, tmp_path: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    try:
        assert predicted(tmp_path).startswith("negative")
        for arguments in (["models"], ["report"]):
            answer = command(*arguments)
            assert answer.status == 0, (arguments, answer.err)
        with serve_api(tmp_path) as served:
            assert served.predict(text=BAD[0]).json()["model"] == "1"
        for arguments in (["purge", "--models", "--yes"], ["models", "promote", "1"], ["crawl"]):
            answer = command(*arguments)
            assert answer.status == 2
            assert "Read-only file system" in answer.error, arguments
    finally:
        subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
