"""A source without labels, without Prefect."""

import json
import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pydantic import ConfigDict, TypeAdapter, with_config

from pipeline.errors import DataError, SourceError
from pipeline.explain.records import UncheckedExplanation
from pipeline.model.registry import Registry
from pipeline.settings import Settings, load_settings
from pipeline.stages.crawl import crawl, last_snapshot
from pipeline.stages.end_to_end import run_pipeline
from pipeline.stages.last_report import last_report
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport
from tests.flows.own import rated

HEADER = ("document", "date", "group")
BLANK = "https://example.com/only/a/link"


def write(path: Path, texts: list[str], header: tuple[str, ...] = HEADER) -> None:
    rows = [
        {
            "document": text,
            "date": f"2026-{1 + number % 3:02}-01",
            "group": f"단지 {number % 4}",
            "rating": "",
        }
        for number, text in enumerate(texts)
    ]
    lines = ["\t".join(header), *("\t".join(row[name] for name in header) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(folder: Path, *overrides: str) -> tuple[Workspace, Settings, Manifest]:
    settings = load_settings(
        environment={},
        overrides=[
            *("source.kind=file", f"source.path={folder / 'texts.tsv'}", "tokenizer.name=mecab"),
            *overrides,
        ],
    )
    workspace = Workspace(folder / "workspace")
    workspace.check()
    return workspace, settings, run_pipeline(workspace, settings)


def contents(workspace: Workspace, pattern: str) -> Path:
    (path,) = workspace.root.glob(pattern)
    return path


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """400 reviews of apartments, and one that is empty after cleaning."""
    return [text.replace("\n", " ").replace("\t", " ") for text, _ in rated()[:400]] + [BLANK]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_starter_answers_and_the_report_says_so_first(
    tmp_path: Path, texts: list[str], language: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "texts.tsv", texts)
    with caplog.at_level(logging.INFO):
        workspace, _, report = run(tmp_path, f"report.language={language}")
    page = report.path(names.REPORT).read_text(encoding="utf-8")
    notice = {"en": "have not been checked", "ko": "검증하지 못했습니다"}[language]
    assert notice in page
    assert page.index(notice) < page.index("<h2")
    assert "review-sentiment label suggest" in page

    table = pq.read_table(contents(workspace, f"sentiment/*/{names.SENTIMENT}"))
    labels = table["label"].to_pylist()
    assert labels[table["text"].to_pylist().index(BLANK)] is None
    negative = labels.count("negative")
    assert negative + labels.count("positive") == 400
    assert 0 < negative < 400
    assert f"{negative:,}" in page
    said = (
        f"complaints: {negative} of 401 reviews ({negative / 401:.0%}), not checked against labels"
    )
    assert caplog.messages[-1] == said
    assert "400" in page

    found = contents(workspace, f"explanation/*/{names.EXPLANATION}").read_bytes()
    strict = with_config(ConfigDict(extra="forbid", strict=True))(UncheckedExplanation)
    explanation: UncheckedExplanation = TypeAdapter(strict).validate_json(found)
    assert len(explanation["complaints"]) == min(100, negative)
    shares = [one["probability"] for one in explanation["complaints"]]
    assert shares == sorted(shares)
    assert explanation["up"]
    assert explanation["down"]
    assert Registry(workspace).champion is None

    topics = TopicReport.from_json(contents(workspace, f"topics/*/{names.TOPICS}").read_bytes())
    assert (topics.reviews, topics.rated, topics.negative) == (401, 0, negative)
    assert topics.topics
    assert all(topic.rating_effect is None for topic in topics.topics)
    assert {part.key for part in topics.groups} == {f"단지 {number}" for number in range(4)}


def test_equal_reviews_are_answered_once(tmp_path: Path, texts: list[str]) -> None:
    write(tmp_path / "texts.tsv", texts)
    workspace, settings, report = run(tmp_path)
    made = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("manifest.json")}
    assert run_pipeline(workspace, settings).folder == report.folder
    again = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("manifest.json")}
    assert {path.parts[-3] for path in again if again[path] != made.get(path)} == {"crawl"}


def test_few_reviews_are_answered_without_adapting(tmp_path: Path) -> None:
    write(tmp_path / "texts.tsv", ["정말 최고예요 추천해요", "최악이에요 환불해 주세요", "  "])
    workspace, settings, report = run(tmp_path)
    last = last_report(workspace, last_snapshot(workspace, settings))
    assert last is not None
    assert last.report == report
    page = report.path(names.REPORT).read_text(encoding="utf-8")
    assert "There were too few reviews to adapt it" in page
    table = pq.read_table(contents(workspace, f"sentiment/*/{names.SENTIMENT}"))
    assert table["label"].to_pylist() == ["positive", "negative"]


def test_an_empty_rating_column_has_no_labels_either(tmp_path: Path, texts: list[str]) -> None:
    write(tmp_path / "texts.tsv", texts[:50], (*HEADER, "rating"))
    _, _, report = run(tmp_path)
    assert "have not been checked" in report.path(names.REPORT).read_text(encoding="utf-8")


def test_training_without_labels_is_refused_with_the_next_step(
    tmp_path: Path, texts: list[str]
) -> None:
    write(tmp_path / "texts.tsv", texts[:50])
    workspace, settings, _ = run(tmp_path)
    with pytest.raises(DataError, match=r"no review has a label.*`review-sentiment label suggest"):
        prepare(Runner(workspace), crawl(workspace, settings), settings)


def test_a_score_needs_ratings(tmp_path: Path, texts: list[str]) -> None:
    write(tmp_path / "texts.tsv", texts[:50])
    with pytest.raises(DataError, match="needs ratings"):
        run(tmp_path, "label.target=score")


def test_reviews_to_test_on_need_labels(tmp_path: Path, texts: list[str]) -> None:
    write(tmp_path / "texts.tsv", texts[:50])
    write(tmp_path / "test.tsv", texts[50:60])
    with pytest.raises(SourceError, match=r"test\.tsv has no column label or rating"):
        run(tmp_path, f"source.test_path={tmp_path / 'test.tsv'}")


def test_a_source_without_texts_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "texts.tsv", [BLANK, BLANK])
    with pytest.raises(DataError, match="none of the 2 reviews has a text"):
        run(tmp_path)


def test_texts_are_escaped_in_the_report(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)> 최악이에요"
    write(tmp_path / "texts.tsv", [evil, "정말 좋아요 추천해요"])
    workspace, _, report = run(tmp_path)
    page = report.path(names.REPORT).read_text(encoding="utf-8")
    assert "<img" not in page
    found = json.loads(contents(workspace, f"explanation/*/{names.EXPLANATION}").read_bytes())
    assert found["complaints"]
