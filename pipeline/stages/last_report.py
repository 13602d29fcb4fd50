"""The last report of each source, with what it was made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

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
        """Write to ``last_reports.json`` that this is the last report of the snapshot's source."""
        folders = [workspace.relative(one.folder) for one in self]
        known = _read(workspace.root / FILE) | {workspace.relative(snapshot.folder): folders}
        write_json(workspace.root / FILE, known)


def last_report(workspace: Workspace, snapshot: Manifest) -> LastReport | None:
    """The last report of the snapshot's source; None without one, or if its files have changed."""
    folders = _read(workspace.root / FILE).get(workspace.relative(snapshot.folder), [])
    found = [read_manifest(workspace.root / one / "manifest.json") for one in folders]
    known = [one for one in found if one and one.is_intact()]
    return LastReport(*known) if len(known) == len(LastReport._fields) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise WorkspaceError(
            f"{path} is damaged: {error}; delete it and run `review-sentiment run`"
        ) from error
