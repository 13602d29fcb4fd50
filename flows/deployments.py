"""Flows of the deployments; their parameters can be edited in the dashboard."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

from prefect import flow, runtime

from flows import log_records, run_form, signals
from flows.alerts import (
    alert_about_complaints,
    alert_about_topics,
    alert_about_words,
    read_judged,
)
from flows.artifacts import DashboardReporter
from flows.digest import post_digest, write_digest
from flows.end_to_end import review_sentiment
from flows.missed_runs import cancel_missed
from flows.notify import notify_failure
from flows.prefect_env import keep_private
from flows.prefect_flow import quiet
from flows.watch import watch
from pipeline import progress
from pipeline.settings import Settings
from pipeline.stages.inputs import check_inputs
from pipeline.storage import lock, names
from pipeline.storage.workspace import Workspace

HOOKS: Any = {"on_failure": [notify_failure], "on_crashed": [notify_failure]}


@flow(name="watch-source", flow_run_name="watch", **HOOKS)
def watch_source(
    workspace: str = "data/workspace", config: str = "", overrides: list[str] | None = None
) -> str:
    """Crawl the source and predict the sentiment of new reviews with the champion or the starter.

    Args:
        workspace: Folder for all output; cannot be changed.
        config: Path of a TOML file with settings, empty for none; cannot be changed.
        overrides: Settings as section.key=value; only keys in schedule.allow_overrides can be
            changed. Do not put secrets here: anyone with access to the dashboard can read them.
            Use environment variables instead.
    """
    with _locked_run(workspace, config, overrides) as (place, settings):
        watched = watch(place, settings)
        alert_about_words(place, settings)
        alert_about_complaints(place, settings, partial(watched.judged, settings.label))
    return str(watched.predictions)


@flow(name="train-and-report", flow_run_name="train and report", **HOOKS)
def train_and_report(
    workspace: str = "data/workspace",
    config: str = "",
    overrides: list[str] | None = None,
    full: bool = False,
    refresh: list[str] | None = None,
) -> str:
    """Crawl, prepare, train, evaluate and report. Skips stages whose input has not changed.

    Args:
        workspace: Folder for all output; cannot be changed.
        config: Path of a TOML file with settings, empty for none; cannot be changed.
        overrides: Settings as section.key=value; only keys in schedule.allow_overrides can be
            changed. Do not put secrets here: anyone with access to the dashboard can read them.
            Use environment variables instead.
        full: Fetch every page of a site instead of only pages with new reviews.
        refresh: Stages to run again even if their input has not changed, or "all".
    """
    with _locked_run(workspace, config, overrides) as (place, settings):
        for stage in refresh or []:
            place.refresh(stage)
        report = review_sentiment(place, settings, full)
        alert_about_words(place, settings)
        alert_about_complaints(place, settings, partial(read_judged, place, settings))
        alert_about_topics(place, settings)
    return str(report.path(names.REPORT))


@flow(name="send-digest", flow_run_name="digest", **HOOKS)
def send_digest(
    workspace: str = "data/workspace", config: str = "", overrides: list[str] | None = None
) -> str:
    """Send what the last report and the newest reviews say to notify.url, if that is set.

    Args:
        workspace: Folder for all output; cannot be changed.
        config: Path of a TOML file with settings, empty for none; cannot be changed.
        overrides: Settings as section.key=value; only keys in schedule.allow_overrides can be
            changed. Do not put secrets here: anyone with access to the dashboard can read them.
            Use environment variables instead.
    """
    with _locked_run(workspace, config, overrides) as (place, settings):
        if not settings.notify.url.get_secret_value():
            return "notify.url is empty: nothing was sent"
        post_digest(place, settings, *write_digest(place, settings))
    return "sent"


@contextlib.contextmanager
def _locked_run(
    workspace: str, config: str, overrides: list[str] | None
) -> Iterator[tuple[Workspace, Settings]]:
    """Set up a scheduled run; yield the locked workspace and the settings."""
    signals.end_soon_after()
    keep_private()
    log_records.make_printable()
    logging.getLogger("pipeline").setLevel(logging.INFO)
    progress.set_reporter(DashboardReporter(progress.LogReporter()))
    settings = run_form.settings_of_run(workspace, config, overrides or [])
    check_inputs(settings)
    place = Workspace(workspace)
    place.check()
    if runtime.deployment.id:
        cancel_missed(runtime.deployment.id, by=runtime.flow_run.id)
    with lock.hold(place, wait=True, owner=str(runtime.flow_run.id)), quiet():
        yield place, settings
