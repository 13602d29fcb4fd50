"""The last report of each source, with the files it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.bounded_json import load_json
from pipeline.errors import WorkspaceError
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.workspace import Workspace

FILE = "last_reports.json"


class LastReport(NamedTuple):
    """A report and the files that it shows.

    Attributes:
        report: ``report.html``.
        topics: ``topics.json``.
        judged: ``judged.parquet``.
    """

    report: Manifest
    topics: Manifest
    judged: Manifest

    def remember(self, workspace: Workspace, snapshot: Manifest) -> None:
        """Record in ``last_reports.json`` that this is the last report of the snapshot's source."""
        source, known = workspace.relative(snapshot.folder), _read(workspace.root / FILE)
        known.pop(source, None)
        known[source] = [workspace.relative(one.folder) for one in self]  # the newest comes last
        write_json(workspace.root / FILE, known)


def last_report(workspace: Workspace, snapshot: Manifest) -> LastReport | None:
    """The last report of the snapshot's source; None without one, or if its files have changed."""
    known = _read(workspace.root / FILE)
    return _open(workspace, known.get(workspace.relative(snapshot.folder), []))


def newest_report(workspace: Workspace) -> LastReport:
    """The report of any source that was written or found up to date last.

    Raises:
        WorkspaceError: There is none, or its files have changed.
    """
    *_, folders = [[], *_read(workspace.root / FILE).values()]
    found = _open(workspace, folders)
    if found is None:
        problem = "has no report yet"
        if folders:
            problem = "has a last report with missing or changed files"
        raise WorkspaceError(
            f"the workspace {workspace.root} {problem}: run `review-sentiment run` first"
        )
    return found


def _open(workspace: Workspace, folders: Sequence[str]) -> LastReport | None:
    found = [read_manifest(workspace.root / one / "manifest.json") for one in folders]
    known = [one for one in found if one and one.is_intact()]
    return LastReport(*known) if len(known) == len(LastReport._fields) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(load_json(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise WorkspaceError(
            f"{path} is damaged: {error}; delete it and run `review-sentiment run`"
        ) from error
