"""Compare: two groups, sources or periods of the last run, without new predictions."""

from __future__ import annotations

from pathlib import Path

from pipeline.report.comparison.page import write_comparison
from pipeline.report.comparison.reading import read_sides
from pipeline.report.phrases import Language
from pipeline.stages.last_report import newest_report
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport


def compare(
    workspace: Workspace, a: str, b: str, language: Language, output: Path | None = None
) -> Path:
    """Write ``comparison.html`` and ``comparison.xlsx``.

    Args:
        workspace: Workspace of the last run.
        a: Name of a group, a source or a period.
        b: The same; empty for the period before ``a``.
        language: Language of the page.
        output: The HTML file; None writes it beside the last report.

    Returns:
        The HTML file.

    Raises:
        InputError: A name is unknown or ambiguous, a side is empty, or both share reviews.
        WorkspaceError: The workspace holds no run.
    """
    last = newest_report(workspace)
    tables = last.judged.path(names.JUDGED), last.topics.path(names.MENTIONS)
    compared = read_sides(*tables, a, b)
    report = TopicReport.from_json(last.topics.path(names.TOPICS).read_bytes())
    path = output or last.report.folder / names.COMPARISON
    stored = ", ".join(compared.reviews["source"].unique().to_pylist())
    source = last.report.details.get("source", stored)  # reports of earlier versions lack it
    write_comparison(path, compared, report, language, source=source)
    return path
