"""Prediction for a file of texts."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from pipeline.predict import Predictor, predict_file
from pipeline.registry import Registry
from pipeline.workspace import Workspace


@task(task_run_name="predict {source.name}", cache_policy=NO_CACHE)
def predict_table(workspace: Workspace, source: Path, output: Path, column: str) -> int:
    """Write a copy of the table with what the model says of each row."""
    return predict_file(
        Predictor(Registry(workspace).champion_model(), workspace.memo_folder),
        source,
        output,
        column,
    )


@flow(flow_run_name="predict {source.name}")
def predict(workspace: Workspace, source: Path, output: Path, column: str = "") -> int:
    """Label the texts of a file with the model in use; returns the number of rows."""
    return predict_table(workspace, source, output, column)
