"""Crawling: a source's reviews into the store, and the snapshot that a run works on."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from pipeline import crawl as crawling
from pipeline.errors import FetchError, WorkspaceError
from pipeline.settings import Source
from pipeline.store import Store
from pipeline.workspace import Manifest, Workspace, stage_key


async def _is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether trying again may help: a fetch that failed, but no wrong input."""
    return isinstance(await state.aresult(raise_on_failure=False), FetchError)


@task(
    task_run_name="crawl {source.kind}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=_is_passing,
    cache_policy=NO_CACHE,
)
def crawl_source(workspace: Workspace, source: Source) -> crawling.CrawlSummary:
    """Read all reviews of the source into the store."""
    with Store(workspace.store_path) as store:
        return crawling.crawl(source, store)


@task(task_run_name="snapshot", cache_policy=NO_CACHE)
def take_snapshot(workspace: Workspace, source: Source, summary: crawling.CrawlSummary) -> Manifest:
    """Write the source's reviews as ``reviews.parquet``, in place of the last snapshot."""
    key = stage_key(crawling.VERSION, source)
    path = workspace.folder("crawl", key) / "reviews.parquet"
    with Store(workspace.store_path) as store:
        rows = crawling.write_snapshot(store, summary, path)
    return workspace.finish("crawl", key, [path.name], rows, vars(summary))


@flow(flow_run_name="crawl {source.kind}", log_prints=False)
def crawl(workspace: Workspace, source: Source) -> Manifest:
    """Crawl the source and take a snapshot of its reviews."""
    summary = crawl_source(workspace, source)
    return take_snapshot(workspace, source, summary)


def last_snapshot(workspace: Workspace, source: Source) -> Manifest:
    """The snapshot that the last crawl of this source took.

    Raises:
        WorkspaceError: It was never crawled, or the snapshot is damaged.
    """
    snapshot = workspace.finished("crawl", stage_key(crawling.VERSION, source))
    if snapshot is None:
        raise WorkspaceError(
            f"the workspace {workspace.root} holds no crawl of this source ({source.kind}); "
            "run `review-sentiment crawl` with the same settings first"
        )
    return snapshot
