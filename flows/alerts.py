"""Alerts of scheduled runs: words in new reviews, new complaints, topics with rising complaints.

The first run of a source has nothing to compare with. It only remembers the current state; alerts
begin with the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from flows.chat_forms import Link
from flows.notify import notify
from flows.prefect_env import link_to
from pipeline.alerts.complaints import describe_complaints, find_complaints
from pipeline.alerts.quoted import Quoted
from pipeline.alerts.rising import describe_rises, new_rises
from pipeline.alerts.sent import Sent
from pipeline.alerts.words import describe_words, find_words
from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.report.phrases import Phrases
from pipeline.reviews.review import Review
from pipeline.reviews.store import now_utc, open_store
from pipeline.settings import Settings
from pipeline.stages.crawl import last_snapshot
from pipeline.stages.last_report import LastReport, last_report
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport

logger = logging.getLogger("pipeline.alerts")

Found = TypeVar("Found", bound=Quoted)

MOST_DETAILS = 20
"""Maximum number of matches in the plain form of a message."""


class _Check:
    """A check for alerts about the reviews added or edited since the last such check.

    Args:
        workspace: Where sent alerts are remembered.
        settings: Settings of the run.
        what: Kind of the alerts.
    """

    def __init__(self, workspace: Workspace, settings: Settings, what: str) -> None:
        self._workspace, self._settings, self._what = workspace, settings, what
        self.sent, self.now = Sent(workspace.root), now_utc()
        self._times = {one: self.sent.time(f"{what}:{one}") for one in settings.store_names}

    def reviews(self, first: str) -> Iterator[Review]:
        """The reviews since the last check; of a source never checked, those since ``first``."""
        with open_store(self._settings.store, self._workspace.store_path) as store:
            for source, since in self._times.items():
                for batch in store.read(source, since=since or first):
                    yield from batch

    def tell(
        self, found: Sequence[Found], describe: Callable[[Sequence[Found], Phrases], str]
    ) -> None:
        """Notify about what was found; on the first check of a source, only remember it."""
        if first := {source for source, since in self._times.items() if not since}:
            known = [one for one in found if one.source in first]
            self._remember(known, first)
            _say_first_run(self._what, len(known))
            found = [one for one in found if one.source not in first]
        say = Phrases(self._settings.report.language)
        if not found or notify(
            self._settings.notify,
            self._what,
            describe(found, say),
            link=self._link(say),
            matches=[one.as_details() for one in found[:MOST_DETAILS]],
        ):
            self._remember(found, self._times)

    def _link(self, say: Phrases) -> Link | None:
        snapshot = last_snapshot(self._workspace, self._settings)
        return link_of(last_report(self._workspace, snapshot), self._workspace, say)

    def _remember(self, found: Sequence[Quoted], sources: Iterable[str]) -> None:
        times = {f"{self._what}:{source}": self.now for source in sources}
        self.sent.remember((one.key for one in found), times)


def alert_about_words(workspace: Workspace, settings: Settings) -> None:
    """Notify about words of ``alerts.words`` in reviews added or edited since the last check."""
    if not (settings.alerts.words and settings.notify.url.get_secret_value()):
        return
    check = _Check(workspace, settings, "words")
    matches = find_words(check.reviews(first=""), settings.alerts.words, check.sent)
    check.tell(matches, describe_words)


def alert_about_complaints(
    workspace: Workspace, settings: Settings, judge: Callable[[], pa.Table]
) -> None:
    """Notify about complaints among the reviews added or edited since the last check.

    Args:
        workspace: Where sent alerts are remembered.
        settings: Settings of the run.
        judge: Returns ``judged.parquet`` of the current reviews; called only if it is needed.
    """
    if not (settings.alerts.complaints and settings.notify.url.get_secret_value()):
        return
    check = _Check(workspace, settings, "complaints")
    new = {(one.source, one.review_id) for one in check.reviews(first=check.now)}
    check.tell(find_complaints(judge(), new, check.sent) if new else [], describe_complaints)


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
