"""Crawl: reads a source's reviews into the store, and takes the snapshot that a run works on."""

from __future__ import annotations

from pipeline.crawl import run as crawling
from pipeline.crawl.several import crawl_each
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import WorkspaceError
from pipeline.reviews import snapshot
from pipeline.reviews.store import open_store
from pipeline.settings import FileSource, Settings
from pipeline.storage import names
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace


def crawl(
    workspace: Workspace, settings: Settings, *, full: bool = False, yes_delete: bool = False
) -> Manifest:
    """Crawl the sources and take a snapshot of their reviews.

    Args:
        workspace: Where everything is written.
        settings: Settings of the sources and the store.
        full: Request every page of a site, not only pages with new reviews.
        yes_delete: Accept that a site deleted more reviews than ``source.max_deleted_share``.
    """
    summary = crawl_source(workspace, settings, full=full, yes_delete=yes_delete)
    return take_snapshot(workspace, settings, summary)


def crawl_source(
    workspace: Workspace, settings: Settings, *, full: bool, yes_delete: bool = False
) -> CrawlSummary:
    """Read the sources into the store.

    Raises:
        FetchError: A site could not be crawled; see :func:`pipeline.crawl.several.crawl_each`.
    """
    key = settings.store.author_key.get_secret_value()
    with open_store(settings.store, workspace.store_path) as store:
        return crawl_each(
            settings.all_sources,
            lambda source: crawling.crawl(
                source, store, full=full, yes_delete=yes_delete, author_key=key
            ),
        )


def take_snapshot(workspace: Workspace, settings: Settings, summary: CrawlSummary) -> Manifest:
    """Write the sources' reviews as ``reviews.parquet``, replacing the last snapshot."""
    key = _snapshot_key(settings)
    path = workspace.folder("crawl", key) / names.REVIEWS
    groups = {
        source.store_name: found
        for source in settings.all_sources
        if (found := crawling.groups_of(source)) is not None
    }
    held_out = {one.test_name for one in settings.all_sources if isinstance(one, FileSource)}
    with open_store(settings.store, workspace.store_path) as store:
        rows = snapshot.write_snapshot(store, summary.sources, held_out, path, groups)
    return workspace.finish("crawl", key, [path.name], rows, summary.as_dict())


def last_snapshot(workspace: Workspace, settings: Settings) -> Manifest:
    """The snapshot of the last crawl of these sources.

    Raises:
        WorkspaceError: There was no such crawl, or the snapshot is damaged.
    """
    found = workspace.finished("crawl", _snapshot_key(settings))
    if found is None:
        raise WorkspaceError(
            f"the workspace {workspace.root} holds no crawl of this source "
            f"({settings.source_kinds}): run `review-sentiment crawl` with the same settings first"
        )
    return found


def _snapshot_key(settings: Settings) -> str:
    left_out = crawling.NOT_OF_THE_PLAN - {"targets"}
    described = [one.model_dump_json(exclude=left_out) for one in settings.all_sources]
    return stage_key(snapshot.SNAPSHOT_VERSION, *described)
