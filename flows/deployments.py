"""The flows that deployments run: plain parameters, which the dashboard can ask for."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prefect import flow, runtime

from flows import signals
from flows.artifacts import DashboardReporter
from flows.end_to_end import review_sentiment
from flows.missed_runs import collapse
from flows.notify import tell_failure
from flows.prefect_env import keep_private
from flows.prefect_flow import quiet
from flows.watch import watch
from pipeline import progress
from pipeline.crawl.run import check_source
from pipeline.settings import Settings, load_settings
from pipeline.storage import lock, names
from pipeline.storage.workspace import Workspace

HOOKS: Any = {"on_failure": [tell_failure], "on_crashed": [tell_failure]}


@flow(name="watch-source", flow_run_name="watch", **HOOKS)
def watch_source(
    workspace: str = "data/workspace", config: str = "", overrides: list[str] | None = None
) -> str:
    """Crawl the source and let the champion label the new reviews.

    Args:
        workspace: Folder that everything is written below.
        config: TOML file of settings; empty for none.
        overrides: Single settings, each as section.key=value. Never secrets: those belong into
            the environment.
    """
    with _at_work(workspace, config, overrides) as (place, settings):
        table = watch(place, settings)
    return str(table or "no model yet")


@flow(name="train-and-report", flow_run_name="train and report", **HOOKS)
def train_and_report(
    workspace: str = "data/workspace",
    config: str = "",
    overrides: list[str] | None = None,
    full: bool = False,
    refresh: list[str] | None = None,
) -> str:
    """Crawl, prepare, train, evaluate and report; what has not changed is not done again.

    Args:
        workspace: Folder that everything is written below.
        config: TOML file of settings; empty for none.
        overrides: Single settings, each as section.key=value. Never secrets: those belong into
            the environment.
        full: Ask a site for every page, not only for new reviews.
        refresh: Stages to do again even if nothing has changed, or "all".
    """
    with _at_work(workspace, config, overrides) as (place, settings):
        for stage in refresh or []:
            place.refresh(stage)
        report = review_sentiment(place, settings, full)
    return str(report.path(names.REPORT))


@contextlib.contextmanager
def _at_work(
    workspace: str, config: str, overrides: list[str] | None
) -> Iterator[tuple[Workspace, Settings]]:
    """The workspace, held for this run alone, and the settings."""
    signals.end_soon_after()
    keep_private()
    logging.getLogger("pipeline").setLevel(logging.INFO)
    progress.set_reporter(DashboardReporter(progress.LogReporter()))
    settings = load_settings(config=Path(config) if config else None, overrides=overrides or [])
    check_source(settings.source)
    place = Workspace(workspace)
    place.check()
    if runtime.deployment.id:
        collapse(runtime.deployment.id)
    with lock.hold(place, wait=True, owner=str(runtime.flow_run.id)), quiet():
        yield place, settings
