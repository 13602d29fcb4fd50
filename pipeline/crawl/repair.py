"""Repair of the review store from its readable rows and the snapshots of the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipeline.crawl.history import crawls
from pipeline.reviews.snapshot import read_snapshot
from pipeline.reviews.store import Store
from pipeline.storage import names
from pipeline.storage.damage import damage, keep_aside, salvage
from pipeline.storage.database import Database, metadata
from pipeline.storage.manifest import read_manifest
from pipeline.storage.workspace import Workspace


@dataclass(frozen=True)
class Repaired:
    """A repaired review store.

    Attributes:
        reason: What was wrong.
        aside: Path of the damaged file.
        recovered: Number of reviews that were readable.
        from_snapshots: Number of reviews that were found only in snapshots.
    """

    reason: str
    aside: Path
    recovered: int
    from_snapshots: int


def repair_store(workspace: Workspace) -> Repaired | None:
    """Recover a damaged ``reviews.db``; the damaged file is kept. None if it is not damaged."""
    path = workspace.store_path
    reason = damage(path)
    if not reason:
        return None
    aside = keep_aside(path)
    with Database(path) as database:
        salvage(aside, path, metadata.tables)
        store = Store(database)
        with database.transaction() as connection:
            _limit_crawls(connection)
        recovered = sum(store.sources().values())
        from_snapshots = _add_snapshots(store, workspace)
    return Repaired(reason, aside, recovered, from_snapshots)


def _limit_crawls(connection: sa.Connection) -> None:
    """Make sure that the next crawl gets a higher number than the crawl of any review."""
    last = connection.scalar(sa.select(sa.func.max(crawls.c.id))) or 0
    reviews = metadata.tables["reviews"]
    connection.execute(reviews.update().where(reviews.c.crawl > last).values(crawl=0))


def _add_snapshots(store: Store, workspace: Workspace) -> int:
    """Save the reviews that only snapshots have, from the newest to the oldest."""
    added = 0
    manifests = workspace.root.glob("crawl/*/manifest.json")
    for path in sorted(manifests, key=lambda one: one.stat().st_mtime, reverse=True):
        manifest = read_manifest(path)
        if manifest is None or names.REVIEWS not in manifest.files or not manifest.is_intact():
            continue
        for source, reviews in read_snapshot(manifest.path(names.REVIEWS)):
            known = store.known(source, [(one.review_id, one.aspect) for one in reviews])
            missing = [one for one in reviews if (one.review_id, one.aspect) not in known]
            with store.database.transaction() as connection:
                added += len(store.save(connection, source, missing, crawl=0))
    return added
