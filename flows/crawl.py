"""Crawling: reads a source's reviews into the store, and takes the snapshot that a run works on."""

from __future__ import annotations

import functools
import socket
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import log_records
from flows.artifacts import show_crawl
from flows.prefect_flow import flow
from flows.task_runner import task_runner
from pipeline.crawl import run as sources
from pipeline.crawl.queue import Begun
from pipeline.crawl.several import crawl_each
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SettingsError
from pipeline.reviews.store import Store, open_store
from pipeline.runtime import count_workers
from pipeline.settings import DemoSource, FileSource, Settings, Source
from pipeline.stages import crawl as stages
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

POLL_SECONDS = 1.0


@task(task_run_name="crawl {settings.source_kinds}", cache_policy=NO_CACHE)
def crawl_source(
    workspace: Workspace, settings: Settings, full: bool, yes_delete: bool
) -> CrawlSummary:
    """Crawl the sources into the store. Failed pages are retried one by one; the task is not."""
    if settings.runner.kind != "dask":
        summary = stages.crawl_source(workspace, settings, full=full, yes_delete=yes_delete)
    else:
        with open_store(settings.store, workspace.store_path) as store:
            summary = crawl_each(
                settings.all_sources,
                lambda source: _crawl_together(
                    source, store, workspace, settings, full, yes_delete
                ),
            )
    show_crawl(summary)
    return summary


def _crawl_together(
    source: Source,
    store: Store,
    workspace: Workspace,
    settings: Settings,
    full: bool,
    yes_delete: bool,
) -> CrawlSummary:
    """Crawl a site with all Dask workers, which share its rate limit."""
    key = settings.store.author_key.get_secret_value()
    if isinstance(source, DemoSource | FileSource):
        return sources.crawl(source, store, full=full, yes_delete=yes_delete, author_key=key)
    site: Any = source
    crawl = sources.open_crawl(site, store, full=full, yes_delete=yes_delete, author_key=key)
    shares = count_workers(settings.runner.workers)
    given = {
        "workspace": workspace,
        "settings": settings,
        "site": site,
        "begun": crawl.begin(),
        "shares": shares,
        "home": socket.gethostname(),
    }
    with task_runner(settings.runner) as pool:
        parts = [
            pool.submit(crawl_part, parameters=given | {"number": number + 1})
            for number in range(shares)
        ]
        crawl.watch(functools.partial(_all_done, parts))
        for part in parts:
            part.result()
    return crawl.finish()


def _all_done(parts: list[Any]) -> bool:
    """Whether all parts are done; if not, wait up to ``POLL_SECONDS`` for one of them."""
    running = [part for part in parts if not part.wrapped_future.done()]
    if running:
        running[0].wait(timeout=POLL_SECONDS)
    return not running


@task(task_run_name="crawl part {number}", cache_policy=NO_CACHE)
def crawl_part(
    number: int,
    workspace: Workspace,
    settings: Settings,
    site: Any,
    begun: Begun,
    shares: int,
    home: str,
) -> None:
    """Fetch pages of a crawl that the host ``home`` started, until the queue is empty.

    Raises:
        SettingsError: The review store is a file of another machine.
    """
    if socket.gethostname() != home and not settings.store.url.get_secret_value():
        raise SettingsError(
            f"the review store is a file on {home}, which other machines cannot write to: "
            "set store.url to a PostgreSQL database"
        )
    log_records.make_printable()  # in this worker process
    key = settings.store.author_key.get_secret_value()
    with open_store(settings.store, workspace.store_path) as store:
        sources.open_crawl(site, store, author_key=key, begun=begun, shares=shares).work()


take_snapshot = task(task_run_name="snapshot", cache_policy=NO_CACHE)(stages.take_snapshot)


@flow(flow_run_name="crawl {settings.source_kinds}")
def crawl(
    workspace: Workspace, settings: Settings, full: bool = False, yes_delete: bool = False
) -> Manifest:
    """Run :func:`pipeline.stages.crawl.crawl` as tasks, with its summary in the dashboard.

    With ``runner.kind = "dask"`` the workers of the cluster share the pages of a site.
    """
    summary = crawl_source(workspace, settings, full, yes_delete)
    return take_snapshot(workspace, settings, summary)
