"""Writes and sends the digest of a workspace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq

from flows.alerts import link_of
from flows.chat_forms import Link
from flows.notify import notify
from pipeline.alerts.digest import digest
from pipeline.alerts.sent import Sent
from pipeline.errors import RunError, WorkspaceError
from pipeline.report.phrases import Phrases
from pipeline.reviews.store import now_utc, open_store
from pipeline.settings import Settings
from pipeline.stages.crawl import last_snapshot
from pipeline.stages.last_report import last_report
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport

DAYS = 7
"""If no digest was sent yet, reviews of this number of days count as new."""


def write_digest(workspace: Workspace, settings: Settings) -> tuple[str, Link | None]:
    """Text of the digest and link to the last report; without one, the text says what to do."""
    say = Phrases(settings.report.language)
    try:
        snapshot = last_snapshot(workspace, settings)
    except WorkspaceError:
        return say.plain("digest_none"), None
    last = last_report(workspace, snapshot)
    if last is None:
        return say.plain("digest_none"), None
    since = Sent(workspace.root).time(_key(settings)) or _days_ago(DAYS)
    with open_store(settings.store, workspace.store_path) as store:
        new = sum(store.count_new(source, since) for source in settings.store_names)
    text = digest(
        TopicReport.from_json(last.topics.path(names.TOPICS).read_bytes()),
        pq.read_table(last.judged.path(names.JUDGED)),
        source=settings.title,
        new=new,
        since=since[: len("2026-11-23")],
        say=say,
    )
    return text, link_of(last, workspace, say)


def post_digest(workspace: Workspace, settings: Settings, text: str, link: Link | None) -> None:
    """Send the digest to ``notify.url``; later digests count reviews from now on as new.

    Raises:
        RunError: The webhook did not accept it.
    """
    if not notify(settings.notify, "digest", text, link=link):
        raise RunError("the digest could not be sent: check notify.url and notify.form")
    Sent(workspace.root).remember((), {_key(settings): now_utc()})


def _key(settings: Settings) -> str:
    return f"digest:{settings.title}"


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ")
