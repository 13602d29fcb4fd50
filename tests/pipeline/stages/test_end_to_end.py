"""The whole way without Prefect."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pydantic import ConfigDict, TypeAdapter, with_config

from pipeline.errors import SettingsError
from pipeline.evaluate.records import Metrics
from pipeline.explain.records import Explanation
from pipeline.model.registry import Registry
from pipeline.settings import RunnerSettings, load_settings
from pipeline.stages.crawl import last_snapshot
from pipeline.stages.end_to_end import run_pipeline
from pipeline.stages.last_report import last_report
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.topics.records import TopicReport
from tests.flows.own import FEW, QUICK, rated, write_own
from tests.processes import ROOT

STRICT = ConfigDict(extra="forbid", strict=True)

PROGRAM = """
import sys
from pathlib import Path
from pipeline.settings import load_settings
from pipeline.stages.end_to_end import run_pipeline
from pipeline.storage.workspace import Workspace

workspace = Workspace("workspace")
workspace.check()
print(run_pipeline(workspace, load_settings(environment={}, overrides=sys.argv[1:])).folder)
print("prefect" in sys.modules, sys.modules["keras"].backend.backend())
"""


def test_the_stages_run_without_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own(tmp_path, rated(FEW))
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *QUICK],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "KERAS_BACKEND": "torch"},
        check=True,
        capture_output=True,
        text=True,
    )
    folder, prefect, backend = ended.stdout.split()
    assert (prefect, backend) == ("False", "tensorflow")
    assert (Path(folder) / names.REPORT).is_file()
    workspace = Workspace(tmp_path / "workspace")
    champion = Registry(workspace).champion
    assert champion is not None
    (metrics,) = workspace.root.glob(f"metrics/*/{names.METRICS}")
    read: Metrics = TypeAdapter(with_config(STRICT)(Metrics)).validate_json(metrics.read_bytes())
    assert champion.network == read["network"]["figures"][champion.metric]["value"]
    (explanation,) = workspace.root.glob(f"explanation/*/{names.EXPLANATION}")
    TypeAdapter(with_config(STRICT)(Explanation)).validate_json(explanation.read_bytes())
    (topics,) = workspace.root.glob(f"topics/*/{names.TOPICS}")
    found = TopicReport.from_json(topics.read_bytes())
    assert (found.reviews, found.rated) == (FEW, FEW)
    assert found.topics
    (mentions,) = workspace.root.glob(f"topics/*/{names.MENTIONS}")
    assert pq.read_table(mentions).num_rows == sum(topic.mentions for topic in found.topics)

    made = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("manifest.json")}
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={}, overrides=QUICK)
    report = run_pipeline(workspace, settings)
    assert report.folder == Path(folder)
    last = last_report(workspace, last_snapshot(workspace, settings))
    assert last is not None
    assert last.report == report
    again = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("manifest.json")}
    assert {path.parts[-3] for path in again if again[path] != made.get(path)} == {"crawl"}


def test_a_cluster_needs_an_orchestrator(workspace: Workspace) -> None:
    with pytest.raises(SettingsError, match="works in a flow only"):
        Runner(workspace).pool(RunnerSettings(kind="dask"))
