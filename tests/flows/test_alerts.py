"""Alerts and the digest of a workspace, sent to a real receiver."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.alerts import alert_about_complaints, alert_about_topics, alert_about_words
from flows.digest import post_digest, write_digest
from pipeline.alerts.sent import Sent
from pipeline.errors import RunError
from pipeline.report.phrases import Language
from pipeline.reviews.store import now_utc
from pipeline.settings import Settings, load_settings
from pipeline.stages.crawl import crawl
from pipeline.stages.last_report import LastReport, last_report
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.hook import receiver
from tests.pipeline.alerts.samples import changed, judged, report
from tests.processes import free_port

TEXTS = ["환불 부탁드려요", "조용하고 좋아요", "곰팡이가 있었어요", "환불도 곰팡이도"]


@pytest.fixture
def received() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def url(received: list[dict[str, Any]]) -> Iterator[str]:
    with receiver(received) as address:
        yield address


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    made.check()
    return made


def settings_of(workspace: Workspace, url: str, *more: str, texts: list[str] = TEXTS) -> Settings:
    """Settings of a file with these reviews."""
    path = workspace.root.parent / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(number, text, "가나", f"2026-11-{number + 1:02}")
                for number, text in enumerate(texts)]  # fmt: skip
        csv.writer(file).writerows([("id", "review", "group", "date"), *rows])
    given = ("source.kind=file", f"source.path={path}", "source.columns.group=group")
    return load_settings(environment={"REVIEW_SENTIMENT_NOTIFY__URL": url},
                         overrides=[*given, "source.columns.date=date", *more])  # fmt: skip


def begin(workspace: Workspace, *sources: str) -> None:
    """Mark the first run of these sources as over, long ago."""
    long_ago = "2000-01-01T00:00:00Z"
    names = sources or ("file:own.csv",)
    times = {
        f"{what}:{name}": long_ago for what in ("words", "topics", "complaints") for name in names
    }
    Sent(workspace.root).remember((), times)


def make_report(workspace: Workspace, snapshot: Manifest, **counts: tuple[int, int]) -> None:
    """A report with these numbers of complaints by topic, as the last one."""

    def finish(stage: str, name: str, content: bytes) -> Manifest:
        (workspace.folder(stage, "0" * 16) / name).write_bytes(content)
        return workspace.finish(stage, "0" * 16, [name], 1, {})

    page = finish("report", names.REPORT, b"<html>")
    topics = finish("topics", names.TOPICS, report(counts, changed("주차")).to_json())
    path = workspace.folder("judged", "0" * 16) / names.JUDGED
    rows: list[dict[str, Any]] = [{"text": f"{text} <!here>"} for text in TEXTS]
    rows.append({"text": "좋아요", "date": "2026-10-05", "is_complaint": False})
    pq.write_table(judged(*rows), path)
    table = workspace.finish("judged", "0" * 16, [path.name], 1, {})
    LastReport(page, topics, table).remember(workspace, snapshot)


def test_words_of_new_reviews_are_told_once(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    settings = settings_of(workspace, url)
    make_report(workspace, crawl(workspace, settings))
    alert_about_words(workspace, settings)
    (message,) = received
    assert message["event"] == "words"
    assert message["text"].splitlines()[0] == "New reviews with 환불, 곰팡이: 3"
    assert message["text"].splitlines()[-1].startswith("Report: file:///")
    first = {"word": "환불", "quote": "환불도 곰팡이도", "group": "가나", "date": "2026-11-04"}
    assert message["matches"][0] == first
    assert len(message["matches"]) == 4

    alert_about_words(workspace, settings)
    assert len(received) == 1
    more = settings_of(workspace, url, texts=[*TEXTS, "사고가 났어요"])
    crawl(workspace, more)
    alert_about_words(workspace, more)
    alert_about_words(workspace, more)
    assert [one["word"] for one in received[1]["matches"]] == ["사고"]
    assert len(received) == 2


def test_words_of_all_sources_are_told(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace, "file:one.csv", "file:two.csv")
    paths = [workspace.root.parent / name for name in ("one.csv", "two.csv")]
    for path, word in zip(paths, ("환불", "곰팡이"), strict=True):
        path.write_text(f"id,review\n1,{word}\n", encoding="utf-8")
    listed = ", ".join(f'{{kind = "file", path = "{path}"}}' for path in paths)
    settings = load_settings(
        environment={"REVIEW_SENTIMENT_NOTIFY__URL": url}, overrides=[f"sources=[{listed}]"]
    )
    crawl(workspace, settings)
    for _ in range(2):
        alert_about_words(workspace, settings)
    (message,) = received
    assert {one["word"] for one in message["matches"]} == {"환불", "곰팡이"}


def test_an_edited_review_is_told_for_its_new_word_only(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    settings = settings_of(workspace, url)
    crawl(workspace, settings)
    alert_about_words(workspace, settings)
    crawl(workspace, settings_of(workspace, url, texts=["환불 사고", *TEXTS[1:]]))
    alert_about_words(workspace, settings)
    assert [one["word"] for one in received[1]["matches"]] == ["사고"]


def test_what_was_not_accepted_is_told_the_next_time(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    gone = settings_of(workspace, f"http://127.0.0.1:{free_port()}/hook")
    make_report(workspace, crawl(workspace, gone), 주차=(5, 40))
    for alert in (alert_about_words, alert_about_topics):
        alert(workspace, gone)
        alert(workspace, settings_of(workspace, url))
    assert [one["event"] for one in received] == ["words", "topics"]


def test_complaints_that_were_not_accepted_are_told_the_next_time(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    gone = settings_of(workspace, f"http://127.0.0.1:{free_port()}/hook", "alerts.complaints=true")
    make_report(workspace, crawl(workspace, gone))
    rows = [
        {"source": "file:own.csv", "review_id": str(number), "text": text, "rating": 1.0}
        for number, text in enumerate(TEXTS)
    ]
    table = judged(*rows[:2], rows[2] | {"is_complaint": False})
    for url_of in (gone, *[settings_of(workspace, url, "alerts.complaints=true")] * 2):
        alert_about_complaints(workspace, url_of, lambda: table)
    (message,) = received
    assert message["event"] == "complaints"
    assert message["text"].splitlines()[0] == "New complaints: 2"
    assert {one["quote"]: one["rating"] for one in message["matches"]} == {
        TEXTS[0]: 1.0,
        TEXTS[1]: 1.0,
    }


def test_complaints_are_not_told_by_default(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    settings = settings_of(workspace, url)
    crawl(workspace, settings)
    alert_about_complaints(workspace, settings, lambda: pytest.fail("must not be called"))
    assert received == []


@pytest.mark.parametrize(
    "change", ["notify.url=", "alerts.words=[]", 'alerts.words=["주차장"]', "alerts.topics=false"]
)
def test_what_is_off_or_missing_sends_nothing(
    workspace: Workspace, url: str, received: list[dict[str, Any]], change: str
) -> None:
    begin(workspace)
    settings = settings_of(workspace, url, change, texts=["좋아요"])
    make_report(workspace, crawl(workspace, settings), 주차=(10, 10))
    alert_about_words(workspace, settings)
    alert_about_topics(workspace, settings)
    assert received == []


def test_rising_topics_are_told_once_for_a_period(
    workspace: Workspace, url: str, received: list[dict[str, Any]]
) -> None:
    begin(workspace)
    settings = settings_of(workspace, url, "report.language=ko", "notify.form=slack")
    snapshot = crawl(workspace, settings)
    alert_about_topics(workspace, settings)  # there is no report yet
    make_report(workspace, snapshot, 주차=(5, 40), 소음=(20, 20))
    alert_about_topics(workspace, settings)
    alert_about_topics(workspace, settings)
    (message,) = received
    assert message["text"] == "2026년 11월에 불만이 늘어난 주제 1개"
    line = "주차: 전체 리뷰 중 불만 비율이 2.5%에서 20.0%로"
    assert line in json.dumps(message, ensure_ascii=False)


def test_alerts_begin_with_the_second_run(
    workspace: Workspace,
    url: str,
    received: list[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "pipeline.alerts")
    settings = settings_of(workspace, url)
    snapshot = crawl(workspace, settings)
    make_report(workspace, snapshot, 주차=(5, 40))
    for _ in range(2):
        alert_about_words(workspace, settings)
        alert_about_topics(workspace, settings)
    assert received == []
    assert [one.getMessage() for one in caplog.records if one.name == "pipeline.alerts"] == [
        "alerts of words: first run, existing ones recorded: 4; alerts begin with the next run",
        "alerts of topics: first run, existing ones recorded: 1; alerts begin with the next run",
    ]
    crawl(workspace, settings_of(workspace, url, texts=[*TEXTS, "사고가 났어요"]))
    make_report(workspace, snapshot, 주차=(5, 40), 소음=(5, 40))
    alert_about_words(workspace, settings)
    alert_about_topics(workspace, settings)
    words, topics = received
    assert [one["word"] for one in words["matches"]] == ["사고"]
    assert "소음" in topics["text"]
    assert "주차" not in topics["text"]


@pytest.mark.parametrize(("language", "word"), [("en", "Review digest"), ("ko", "리뷰 요약")])
def test_the_digest_has_ten_lines_at_most(
    workspace: Workspace,
    url: str,
    received: list[dict[str, Any]],
    language: Language,
    word: str,
) -> None:
    settings = settings_of(workspace, url, f"report.language={language}")
    make_report(workspace, crawl(workspace, settings), 주차=(5, 40), 소음=(20, 20))
    post_digest(workspace, settings, *write_digest(workspace, settings))
    lines = received[0]["text"].splitlines()
    assert lines[0] == f"{word}: own.csv"
    assert "4" in lines[1]
    assert len(lines) == 9
    assert lines[-1].endswith("/report.html")
    assert sum(line.startswith("“") for line in lines) == 3
    assert "<" not in received[0]["text"]


def test_the_next_digest_counts_from_the_last(workspace: Workspace, url: str) -> None:
    settings = settings_of(workspace, url)
    make_report(workspace, crawl(workspace, settings))
    post_digest(workspace, settings, *write_digest(workspace, settings))
    while now_utc() == Sent(workspace.root).time(f"digest:{settings.title}"):
        time.sleep(0.1)  # times are to the second
    crawl(workspace, settings_of(workspace, url, texts=[*TEXTS, "새 리뷰"]))
    text, _ = write_digest(workspace, settings)
    assert text.splitlines()[1].endswith(": 1.")


def test_a_digest_that_is_not_accepted_is_an_error(workspace: Workspace) -> None:
    settings = settings_of(workspace, f"http://127.0.0.1:{free_port()}/s3cret")
    with pytest.raises(RunError, match=r"check notify\.url") as error:
        post_digest(workspace, settings, "text", None)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_a_report_the_digest_says_the_next_step(
    workspace: Workspace, language: Language
) -> None:
    settings = settings_of(workspace, "", f"report.language={language}")
    for _ in range(2):
        text, link = write_digest(workspace, settings)
        assert "review-sentiment run" in text
        assert len(text.splitlines()) == 1
        assert link is None
        snapshot = crawl(workspace, settings)
    make_report(workspace, snapshot)
    next(workspace.root.glob("topics/*/topics.json")).unlink()  # as `purge` does
    assert last_report(workspace, snapshot) is None


def test_the_command_prints_and_sends(
    workspace: Workspace, url: str, received: list[dict[str, Any]], command: Command
) -> None:
    settings = settings_of(workspace, url)
    make_report(workspace, crawl(workspace, settings), 주차=(5, 40))
    path = workspace.root.parent / "own.csv"
    source = ("source.kind=file", f"source.path={path}", "source.columns.group=group",
              "source.columns.date=date")  # fmt: skip
    given = ("digest", "--workspace", workspace.root, *(f"--set={one}" for one in source))
    printed = command(*given)
    assert (printed.status, received) == (0, [])
    assert printed.out.startswith("Review digest: own.csv\n")
    refused = command(*given, "--send")
    assert refused.status == 2
    assert "REVIEW_SENTIMENT_NOTIFY__URL" in refused.error
    sent = command(*given, "--send", REVIEW_SENTIMENT_NOTIFY__URL=url)
    assert (sent.status, sent.out.strip()) == (0, received[0]["text"])
