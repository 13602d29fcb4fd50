"""Alerts of scheduled runs: words in new reviews, new complaints, topics with rising complaints.

The first run of a source has nothing to compare with. It only remembers the current state; alerts
begin with the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from flows.chat_forms import Link
from flows.notify import notify
from flows.prefect_env import link_to
from pipeline.alerts.complaints import describe_complaints, find_complaints
from pipeline.alerts.rising import describe_rises, new_rises
from pipeline.alerts.sent import Sent
from pipeline.alerts.words import describe_words, find_words
from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.report.phrases import Phrases
from pipeline.reviews.store import now_utc, open_store
from pipeline.settings import Settings
from pipeline.stages.crawl import last_snapshot
from pipeline.stages.last_report import LastReport, last_report
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport

logger = logging.getLogger("pipeline.alerts")

MOST_DETAILS = 20
"""Maximum number of matches in the plain form of a message."""


def alert_about_words(workspace: Workspace, settings: Settings) -> None:
    """Notify about words of ``alerts.words`` in reviews added or edited since the last check."""
    if not (settings.alerts.words and settings.notify.url.get_secret_value()):
        return
    sent, now = Sent(workspace.root), now_utc()
    times = {source: sent.time(f"words:{source}") for source in settings.store_names}
    with open_store(settings.store, workspace.store_path) as store:
        reviews = (
            review
            for source, since in times.items()
            for batch in store.read(source, since=since)
            for review in batch
        )
        matches = find_words(reviews, settings.alerts.words, sent)
    if first := {source for source, since in times.items() if not since}:
        known = [one for one in matches if one.source in first]
        sent.remember((one.key for one in known), {f"words:{source}": now for source in first})
        _say_first_run("words", len(known))
        matches = [one for one in matches if one.source not in first]
    say = Phrases(settings.report.language)
    found = [
        {"word": one.word, "quote": one.quote, "group": one.group, "date": one.date}
        for one in matches
    ]
    if not matches or notify(
        settings.notify,
        "words",
        describe_words(matches, say),
        link=link_of(last_report(workspace, last_snapshot(workspace, settings)), workspace, say),
        matches=found[:MOST_DETAILS],
    ):
        sent.remember((one.key for one in matches), {f"words:{source}": now for source in times})


def alert_about_complaints(
    workspace: Workspace, settings: Settings, judge: Callable[[], pa.Table]
) -> None:
    """Notify about complaints among the reviews added or edited since the last check.

    Args:
        workspace: Where sent alerts are remembered.
        settings: Settings of the run.
        judge: Returns ``judged.parquet`` of the current reviews; called only if the alert is on.
    """
    if not (settings.alerts.complaints and settings.notify.url.get_secret_value()):
        return
    sent, now = Sent(workspace.root), now_utc()
    times = {source: sent.time(f"complaints:{source}") for source in settings.store_names}
    with open_store(settings.store, workspace.store_path) as store:
        new = {
            (review.source, review.review_id)
            for source, since in times.items()
            for batch in store.read(source, since=since or now)
            for review in batch
        }
    found = find_complaints(judge(), new, sent) if new else []
    if first := {source for source, since in times.items() if not since}:
        known = [one.key for one in found if one.source in first]
        sent.remember(known, {f"complaints:{source}": now for source in first})
        logger.info("alerts of complaints: first run; alerts begin with the next run")
        found = [one for one in found if one.source not in first]
    say = Phrases(settings.report.language)
    matches = [
        {"quote": one.quote, "rating": one.rating, "group": one.group, "date": one.date}
        for one in found
    ]
    if not found or notify(
        settings.notify,
        "complaints",
        describe_complaints(found, say),
        link=link_of(last_report(workspace, last_snapshot(workspace, settings)), workspace, say),
        matches=matches[:MOST_DETAILS],
    ):
        sent.remember((one.key for one in found), {f"complaints:{source}": now for source in times})


def read_judged(workspace: Workspace, settings: Settings) -> pa.Table:
    """``judged.parquet`` of the last report; empty without one."""
    last = last_report(workspace, last_snapshot(workspace, settings))
    return pq.read_table(last.judged.path(names.JUDGED)) if last else JUDGED_SCHEMA.empty_table()


def alert_about_topics(workspace: Workspace, settings: Settings) -> None:
    """Notify about topics of the last report whose complaints increased significantly."""
    if not (settings.alerts.topics and settings.notify.url.get_secret_value()):
        return
    last = last_report(workspace, last_snapshot(workspace, settings))
    if last is None:
        return
    sent = Sent(workspace.root)
    topics = TopicReport.from_json(last.topics.path(names.TOPICS).read_bytes())
    rises = new_rises(topics, settings.store_names, sent)
    checked = f"topics:{', '.join(settings.store_names)}"
    if not sent.time(checked):
        sent.remember(rises, {checked: now_utc()})
        _say_first_run("topics", len(rises))
        return
    if not rises:
        return
    say = Phrases(settings.report.language)
    text = describe_rises(list(rises.values()), say)
    if notify(settings.notify, "topics", text, link=link_of(last, workspace, say)):
        sent.remember(rises)


def _say_first_run(what: str, count: int) -> None:
    logger.info(
        "alerts of %s: first run, existing ones recorded: %s; alerts begin with the next run",
        *(what, count),
    )


def link_of(last: LastReport | None, workspace: Workspace, say: Phrases) -> Link | None:
    """The link to a report."""
    if last is None:
        return None
    return Link(link_to(last.report.path(names.REPORT), workspace), say.plain("digest_link"))
