"""Crawling: a source's reviews into the store, and the snapshot that a run works on."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from pipeline import snapshot
from pipeline.crawl import sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import FetchError, WorkspaceError
from pipeline.settings import Settings, Source
from pipeline.store import open_store
from pipeline.workspace import Manifest, Workspace, stage_key


async def _is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether trying again may help: a fetch that failed, but no wrong input."""
    return isinstance(await state.aresult(raise_on_failure=False), FetchError)


@task(
    task_run_name="crawl {settings.source.kind}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=_is_passing,
    cache_policy=NO_CACHE,
)
def crawl_source(workspace: Workspace, settings: Settings, full: bool) -> CrawlSummary:
    """Read the source into the store; a try after one that failed goes on where it ended."""
    key = settings.store.author_key.get_secret_value()
    with open_store(settings.store, workspace.store_path) as store:
        return sources.crawl(settings.source, store, full=full, author_key=key)


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
