"""``report``: comparisons of the last run, and its page as PDF."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.errors import WorkspaceError
from pipeline.report.pdf import PROGRAMS
from pipeline.stages.last_report import LastReport, newest_report
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.pipeline.report.page import write
from tests.pipeline.report.samples import topic_report
from tests.pipeline.report.test_comparison import WORDS, read, rows


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """A workspace with what a run leaves that ``report`` reads."""
    workspace = Workspace(tmp_path / "data" / "workspace")
    workspace.folder("crawl", "1")
    judged = workspace.folder("judged", "1")
    read(judged, "17", "18")
    topics = workspace.folder("topics", "1")
    (judged / names.MENTIONS).rename(topics / names.MENTIONS)
    (topics / names.TOPICS).write_bytes(topic_report(rows(), WORDS).to_json())
    report = workspace.folder("report", "1")
    write(report)
    LastReport(
        workspace.finish("report", "1", [names.REPORT, names.WORKBOOK], 1, {}),
        workspace.finish("topics", "1", [names.TOPICS, names.MENTIONS], 1, {}),
        workspace.finish("judged", "1", [names.JUDGED], 1, {}),
    ).remember(workspace, workspace.finish("crawl", "1", [], 1, {}))
    return workspace


def test_comparisons_are_written_beside_the_report(
    home: Workspace, command: Command, tmp_path: Path
) -> None:
    folder = home.root / "report" / "1"
    assert command("report").out == f"{folder / names.REPORT}\n"
    answer = command("report", "--compare", "우리 단지", "18")
    assert (answer.status, answer.out) == (0, f"{folder / names.COMPARISON}\n"), answer.err
    assert (folder / names.COMPARISON_WORKBOOK).is_file()
    of_days = ("report", "--compare", "last 90 days", "--output", "days.html")
    answer = command(*of_days, REVIEW_SENTIMENT_REPORT__LANGUAGE="ko")
    assert answer.status == 0, answer.err
    assert "그 전 90일" in (tmp_path / "days.html").read_text(encoding="utf-8")
    assert (tmp_path / "days.xlsx").is_file()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--compare", "우리 단자", "18"], "did you mean '우리 단지'"),
        (["--compare", "우리 단지"], "needs a second name"),
        (["--compare", "17", "18", "--output", "a.pdf"], "the file name must end with .html"),
        (["우리 단지"], "write --compare A B"),
        (["--output", "a.html"], "--output needs --compare or --pdf"),
    ],
)
def test_wrong_input_is_one_line(
    home: Workspace, command: Command, arguments: list[str], why: str
) -> None:
    answer = command("report", *arguments)
    assert answer.status == 2
    assert why in answer.error
    assert answer.error.count("\n") == 1


def test_without_a_run_the_next_step_is_named(command: Command) -> None:
    for arguments in ([], ["--compare", "2026", "2025"]):
        answer = command("report", *arguments)
        assert answer.status == 2
        assert "run `review-sentiment run` first" in answer.error


def test_the_pdf_needs_chromium(home: Workspace, command: Command, tmp_path: Path) -> None:
    answer = command("report", "--pdf", PATH=str(tmp_path))
    assert answer.status == 2
    assert "install Chromium" in answer.error
    if any(map(shutil.which, PROGRAMS)):
        answer = command("report", "--pdf", "--compare", "17", "18", PATH=os.environ["PATH"])
        path = home.root / "report" / "1" / "comparison.pdf"
        assert (answer.status, answer.out) == (0, f"{path}\n"), answer.err
        assert path.read_bytes().startswith(b"%PDF-")


def test_the_last_run_counts_whatever_its_source(home: Workspace) -> None:
    first = newest_report(home)
    folder = home.folder("report", "2")
    (folder / names.REPORT).write_text("another source")
    home.folder("crawl", "2")
    sources = [home.finish("crawl", name, [], 1, {}) for name in ("1", "2")]
    second = first._replace(report=home.finish("report", "2", [names.REPORT], 1, {}))
    second.remember(home, sources[1])
    assert newest_report(home).report.folder == folder
    first.remember(home, sources[0])
    assert newest_report(home).report == first.report
    first.report.path(names.REPORT).write_text("changed")
    with pytest.raises(
        WorkspaceError, match="has a last report with missing or changed files: run"
    ):
        newest_report(home)
