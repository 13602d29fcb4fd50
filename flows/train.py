"""The training flow; see :mod:`pipeline.stages.train`."""

from __future__ import annotations

from flows.prefect_flow import flow
from flows.prefect_runner import PrefectRunner
from pipeline.settings import Settings
from pipeline.stages import train as stages
from pipeline.stages.prepare import Prepared
from pipeline.stages.train import Trained
from pipeline.storage.workspace import Workspace


@flow(flow_run_name="train {settings.model.kind}")
def train(workspace: Workspace, prepared: list[Prepared], settings: Settings) -> Trained:
    """Run :func:`pipeline.stages.train.train` with each of its stages as a task."""
    return stages.train(PrefectRunner(workspace), prepared, settings)
