"""Crawling: a source's reviews into the store, and the snapshot that a run works on."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import show_crawl
from pipeline import snapshot
from pipeline.crawl import sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import WorkspaceError
from pipeline.settings import Settings, Source
from pipeline.store import open_store
from pipeline.workspace import Manifest, Workspace, stage_key


@task(task_run_name="crawl {settings.source.kind}", cache_policy=NO_CACHE)
def crawl_source(workspace: Workspace, settings: Settings, full: bool) -> CrawlSummary:
    """Read the source into the store. Pages are tried again one by one, the whole is not."""
    key = settings.store.author_key.get_secret_value()
    with open_store(settings.store, workspace.store_path) as store:
        summary = sources.crawl(settings.source, store, full=full, author_key=key)
    show_crawl(summary)
    return summary


@task(task_run_name="snapshot", cache_policy=NO_CACHE)
def take_snapshot(workspace: Workspace, settings: Settings, summary: CrawlSummary) -> Manifest:
    """Write the source's reviews as ``reviews.parquet``, in place of the last snapshot."""
    key = _snapshot_key(settings.source)
    path = workspace.folder("crawl", key) / "reviews.parquet"
    with open_store(settings.store, workspace.store_path) as store:
        rows = snapshot.write_snapshot(store, summary.sources, summary.held_out, path)
    return workspace.finish("crawl", key, [path.name], rows, summary.as_dict())


@flow(flow_run_name="crawl {settings.source.kind}", log_prints=False)
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
    return stage_key(snapshot.VERSION, described)
