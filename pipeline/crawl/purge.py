"""Deletion of reviews for good: from the store, and from the files that stages made of them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

from pipeline.crawl.queue import forget_pages
from pipeline.reviews.store import Store
from pipeline.storage.workspace import Workspace

FOLDERS_WITH_TEXTS = ("crawl", "examples", "tokens", "memo", "metrics", "report")
"""What holds reviews or their words; a run makes it anew."""


def purge(store: Store, workspace: Workspace, source: str, before: str) -> int:
    """Delete reviews; returns how many.

    Args:
        store: Where they are.
        workspace: Whose copies are deleted too.
        source: Name of a source; empty for all.
        before: ISO date: only reviews that were last seen before it; empty for all.
    """
    with store.database.transaction() as connection:
        forget_pages(connection, [source] if source else list(store.sources()))
        count = store.purge(connection, source, before)
    for folder in FOLDERS_WITH_TEXTS:
        shutil.rmtree(workspace.root / folder, ignore_errors=True)
    return count


def last_day(days: int | None) -> str:
    """The ISO date so many days ago; empty for None."""
    if days is None:
        return ""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
