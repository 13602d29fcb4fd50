"""Crawl: a source's reviews into the store, and the snapshot that a run works on."""

from __future__ import annotations

from pipeline.crawl import run as crawling
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import WorkspaceError
from pipeline.reviews import snapshot
from pipeline.reviews.store import open_store
from pipeline.settings import Settings, Source
from pipeline.storage import names
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace


def crawl(
    workspace: Workspace, settings: Settings, *, full: bool = False, yes_delete: bool = False
) -> Manifest:
    """Crawl the source and take a snapshot of its reviews.

    Args:
        workspace: Where everything is written.
        settings: Of the source and the store.
        full: Request every page of a site, not only those with new reviews.
        yes_delete: Believe that a site deleted more reviews than ``source.max_deleted_share``.
    """
    summary = crawl_source(workspace, settings, full=full, yes_delete=yes_delete)
    return take_snapshot(workspace, settings, summary)


def crawl_source(
    workspace: Workspace, settings: Settings, *, full: bool, yes_delete: bool = False
) -> CrawlSummary:
    """Read the source into the store."""
    key = settings.store.author_key.get_secret_value()
    with open_store(settings.store, workspace.store_path) as store:
        return crawling.crawl(
            settings.source, store, full=full, yes_delete=yes_delete, author_key=key
        )


def take_snapshot(workspace: Workspace, settings: Settings, summary: CrawlSummary) -> Manifest:
    """Write the source's reviews as ``reviews.parquet``, in place of the last snapshot."""
    key = _snapshot_key(settings.source)
    path = workspace.folder("crawl", key) / names.REVIEWS
    groups = crawling.groups_of(settings.source)
    with open_store(settings.store, workspace.store_path) as store:
        rows = snapshot.write_snapshot(store, summary.sources, summary.held_out, path, groups)
    return workspace.finish("crawl", key, [path.name], rows, summary.as_dict())


def last_snapshot(workspace: Workspace, source: Source) -> Manifest:
    """The snapshot of the last crawl of this source.

    Raises:
        WorkspaceError: It was never crawled, or the snapshot is damaged.
    """
    found = workspace.finished("crawl", _snapshot_key(source))
    if found is None:
        raise WorkspaceError(
            f"the workspace {workspace.root} holds no crawl of this source ({source.kind}): "
            "run `review-sentiment crawl` with the same settings first"
        )
    return found


def _snapshot_key(source: Source) -> str:
    described = source.model_dump_json(exclude=crawling.NOT_OF_THE_PLAN - {"targets"})
    return stage_key(snapshot.SNAPSHOT_VERSION, described)
