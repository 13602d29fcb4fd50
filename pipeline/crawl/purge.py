"""Permanent deletion of reviews from the store and of all files derived from reviews."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.crawl.history import forget_messages
from pipeline.crawl.page_cache import forget_pages
from pipeline.errors import WorkspaceError
from pipeline.reviews.store import Store
from pipeline.storage import names
from pipeline.storage.files import write_text
from pipeline.storage.manifest import read_manifest
from pipeline.storage.record import Record
from pipeline.storage.workspace import Workspace

STAGES_WITH_TEXTS = (
    *("crawl", "examples", "tokens", "vocabulary", "dataset", "baseline", "ngrams"),
    *("metrics", "explanation", "report", "sentiment", "topics", "judged", "pretrained"),
    *("half", "half_network", "fold", "held_out_fold"),
)
"""Stages whose files contain texts or words of reviews; a run recreates them."""
STAGES_OF_MODELS = ("model", "ensemble", "profile")
"""Stages whose files contain words of reviews and are needed by the registered models."""
STAGES_WITHOUT_WORDS = ("predictions", "baseline_predictions", "behaviour", "gain")
"""Stages whose files contain no words of reviews, mostly numbers only."""
UNFINISHED = "purge.unfinished"
"""File of the workspace that exists until a purge has deleted everything."""
MOST_DAYS = 36_500
"""Maximum age of :func:`last_day`: a century."""
_KEY = re.compile("[0-9a-f]{16}")


def purge(store: Store, workspace: Workspace, source: str, before: str) -> int:
    """Delete reviews, and the files of the workspace that contain their texts or words.

    The files of :data:`STAGES_OF_MODELS` stay; see :func:`purge_models`. The records of the models
    keep the rows of the other reviews. Deleted rows leave no bytes in the files of the database.
    If there is no review to delete, nothing is deleted, unless an earlier purge was interrupted.

    Args:
        store: Store to delete from.
        workspace: Workspace that contains the derived files.
        source: Name of a source; empty for all.
        before: ISO date; deletes reviews last seen before it. Empty for all.

    Returns:
        Number of deleted reviews.

    Raises:
        WorkspaceError: A file or the database still contains texts.
    """
    unfinished = workspace.root / UNFINISHED
    if not store.count_to_purge(source, before) and not unfinished.exists():
        return 0
    write_text(unfinished, "")
    _reduce_records(workspace, store.ids_to_keep(source, before))
    with store.database.erasing() as connection:
        sources = [source] if source else list(store.sources())
        forget_pages(connection, sources)
        forget_messages(connection, sources)
        count = store.purge(connection, source, before)
    _delete([child for stage in STAGES_WITH_TEXTS for child in _outputs(workspace.root / stage)])
    _delete(
        [
            *_children(workspace.memo_folder),
            *workspace.root.glob(f"{workspace.store_path.name}.damaged*"),
        ]
    )
    unfinished.unlink()
    return count


def purge_models(workspace: Workspace) -> None:
    """Delete all models, their records and other files; the workspace then has no model.

    Raises:
        WorkspaceError: A file cannot be deleted.
    """
    records = _outputs(workspace.root / names.RECORDS)
    _delete([workspace.root / "models.json", *model_folders(workspace), *records])


def model_folders(workspace: Workspace) -> list[Path]:
    """Folders of models and their profiles, which contain words of the training reviews."""
    return [child for stage in STAGES_OF_MODELS for child in _outputs(workspace.root / stage)]


def last_day(days: int | None) -> str:
    """The date ``days`` (0 to :data:`MOST_DAYS`) days ago (UTC, ISO), empty for None."""
    if days is None:
        return ""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def _reduce_records(workspace: Workspace, ids: set[str]) -> None:
    """Delete the rows of all other reviews from the records of the models."""
    for folder in _outputs(workspace.root / names.RECORDS):
        manifest = read_manifest(folder / "manifest.json")
        rest = Record.read(manifest).only(ids) if manifest and manifest.is_intact() else None
        _delete([folder])
        if rest and rest.table.num_rows:
            rest.write(workspace, folder.name)


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _outputs(stage: Path) -> list[Path]:
    """Output folders of a stage; its folder may be a link to another disk."""
    return [child for child in _children(stage) if _KEY.fullmatch(child.name)]


def _delete(paths: list[Path]) -> None:
    """Delete files and folders; links are not followed."""
    for path in paths:
        try:
            if path.is_symlink():
                raise OSError(0, f"it is a link to {path.readlink()}", str(path))
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"cannot delete {error.filename}, which holds texts of reviews: {error.strerror}; "
                "delete it yourself and run the same command again"
            ) from error
