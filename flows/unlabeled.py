"""The flow for sources without labels; see :mod:`pipeline.stages.unlabeled`."""

from __future__ import annotations

from flows.artifacts import show_unlabeled
from flows.prefect_env import link_to
from flows.prefect_flow import flow
from flows.prefect_runner import PrefectRunner
from pipeline.settings import Settings
from pipeline.stages import unlabeled as stages
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace


@flow(flow_run_name="answer {settings.source_kinds}")
def answer_unlabeled(workspace: Workspace, snapshot: Manifest, settings: Settings) -> Manifest:
    """Run :func:`pipeline.stages.unlabeled.answer_unlabeled` with each of its stages as a task."""
    report = stages.answer_unlabeled(PrefectRunner(workspace), snapshot, settings)
    show_unlabeled(stages.found_complaints(report), link_to(report.path(names.REPORT), workspace))
    return report
