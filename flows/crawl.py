"""Crawling: a source's reviews into the store, and the snapshot that a run works on."""

from __future__ import annotations

import functools
import socket
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import show_crawl
from flows.prefect_flow import flow
from flows.task_runner import task_runner
from pipeline.crawl import run as sources
from pipeline.crawl.queue import Begun
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import SettingsError, WorkspaceError
from pipeline.reviews import snapshot
from pipeline.reviews.store import Store, open_store
from pipeline.runtime import count_workers
from pipeline.settings import DemoSource, FileSource, Settings, Source
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace

SECONDS_BETWEEN_LOOKS = 1.0


@task(task_run_name="crawl {settings.source.kind}", cache_policy=NO_CACHE)
def crawl_source(workspace: Workspace, settings: Settings, full: bool) -> CrawlSummary:
    """Read the source into the store. Pages are tried again one by one, the whole is not."""
    key = settings.store.author_key.get_secret_value()
    is_site = not isinstance(settings.source, DemoSource | FileSource)
    with open_store(settings.store, workspace.store_path) as store:
        if is_site and settings.runner.kind == "dask":
            summary = _crawl_together(store, workspace, settings, full)
        else:
            summary = sources.crawl(settings.source, store, full=full, author_key=key)
    show_crawl(summary)
    return summary


def _crawl_together(
    store: Store, workspace: Workspace, settings: Settings, full: bool
) -> CrawlSummary:
    """Let the workers of the runner share the site's pages, and the pace that it is asked at."""
    site: Any = settings.source
    key = settings.store.author_key.get_secret_value()
    crawl = sources.open_crawl(site, store, full=full, author_key=key)
    shares = count_workers(settings.runner.workers)
    given = {
        "workspace": workspace,
        "settings": settings,
        "begun": crawl.begin(),
        "shares": shares,
        "home": socket.gethostname(),
    }
    with task_runner(settings.runner) as pool:
        parts = [
            pool.submit(crawl_part, parameters=given | {"number": number + 1})
            for number in range(shares)
        ]
        crawl.watch(functools.partial(_are_over, parts))
        for part in parts:
            part.result()
    return crawl.finish()


def _are_over(parts: list[Any]) -> bool:
    """Whether all parts have ended, after a little wait for one that has not."""
    under_way = [part for part in parts if not part.wrapped_future.done()]
    if under_way:
        under_way[0].wait(timeout=SECONDS_BETWEEN_LOOKS)
    return not under_way


@task(task_run_name="crawl part {number}", cache_policy=NO_CACHE)
def crawl_part(
    number: int, workspace: Workspace, settings: Settings, begun: Begun, shares: int, home: str
) -> None:
    """Fetch pages of a crawl that ``home`` has begun, until none is left."""
    if socket.gethostname() != home and not settings.store.url.get_secret_value():
        raise SettingsError(
            f"the review store is a file of {home}, which other machines must not write to: "
            "set store.url to a PostgreSQL database"
        )
    key = settings.store.author_key.get_secret_value()
    site: Any = settings.source
    with open_store(settings.store, workspace.store_path) as store:
        sources.open_crawl(site, store, author_key=key, begun=begun, shares=shares).work()


@task(task_run_name="snapshot", cache_policy=NO_CACHE)
def take_snapshot(workspace: Workspace, settings: Settings, summary: CrawlSummary) -> Manifest:
    """Write the source's reviews as ``reviews.parquet``, in place of the last snapshot."""
    key = _snapshot_key(settings.source)
    path = workspace.folder("crawl", key) / "reviews.parquet"
    with open_store(settings.store, workspace.store_path) as store:
        rows = snapshot.write_snapshot(store, summary.sources, summary.held_out, path)
    return workspace.finish("crawl", key, [path.name], rows, summary.as_dict())


@flow(flow_run_name="crawl {settings.source.kind}")
def crawl(workspace: Workspace, settings: Settings, full: bool = False) -> Manifest:
    """Crawl the source and take a snapshot of its reviews.

    Args:
        workspace: Where everything is written.
        settings: Of the source and the store.
        full: Ask a site for every page, not only for those with new reviews.
    """
    summary = crawl_source(workspace, settings, full)
    return take_snapshot(workspace, settings, summary)


def last_snapshot(workspace: Workspace, source: Source) -> Manifest:
    """The snapshot that the last crawl of this source took.

    Raises:
        WorkspaceError: It was never crawled, or the snapshot is damaged.
    """
    snapshot = workspace.finished("crawl", _snapshot_key(source))
    if snapshot is None:
        raise WorkspaceError(
            f"the workspace {workspace.root} holds no crawl of this source ({source.kind}); "
            "run `review-sentiment crawl` with the same settings first"
        )
    return snapshot


def _snapshot_key(source: Source) -> str:
    described = source.model_dump_json(exclude=sources.NOT_OF_THE_PLAN)
    return stage_key(snapshot.SNAPSHOT_VERSION, described)
