"""Permanent deletion of reviews from the store and of all files derived from reviews."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

from pipeline.crawl.queue import forget_pages
from pipeline.reviews.store import Store
from pipeline.storage.workspace import Workspace

FOLDERS_WITH_TEXTS = ("crawl", "examples", "tokens", "memo", "metrics", "report")
"""Folders of the workspace that contain texts or words of reviews; a run recreates them."""


def purge(store: Store, workspace: Workspace, source: str, before: str) -> int:
    """Delete reviews and the folders ``FOLDERS_WITH_TEXTS`` of the workspace.

    Args:
        store: Store to delete from.
        workspace: Workspace that contains the derived files.
        source: Name of a source; empty for all.
        before: ISO date; deletes reviews last seen before it. Empty for all.

    Returns:
        Number of deleted reviews.
    """
    with store.database.transaction() as connection:
        forget_pages(connection, [source] if source else list(store.sources()))
        count = store.purge(connection, source, before)
    for folder in FOLDERS_WITH_TEXTS:
        shutil.rmtree(workspace.root / folder, ignore_errors=True)
    return count


def last_day(days: int | None) -> str:
    """The date ``days`` days ago (UTC, ISO), empty for None."""
    if days is None:
        return ""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
