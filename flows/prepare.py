"""The preparation flow; see :mod:`pipeline.stages.prepare`."""

from __future__ import annotations

from flows.prefect_flow import flow
from flows.prefect_runner import PrefectRunner
from pipeline.settings import Settings
from pipeline.stages import prepare as stages
from pipeline.stages.prepare import Prepared
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace


@flow(flow_run_name="prepare {settings.source_kinds}")
def prepare(workspace: Workspace, snapshot: Manifest, settings: Settings) -> list[Prepared]:
    """Run :func:`pipeline.stages.prepare.prepare` with each of its stages as a task."""
    return stages.prepare(PrefectRunner(workspace), snapshot, settings)
