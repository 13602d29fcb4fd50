"""Several sources with ratings: one model, and a report that compares them."""

import json
from pathlib import Path

import pytest

from pipeline.settings import load_settings
from pipeline.stages.end_to_end import run_pipeline
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from tests.flows.own import NO_STARTER, SMALL, rated, write_own


@pytest.mark.long(minutes=1)
def test_the_report_compares_the_sources(tmp_path: Path, workspace: Workspace) -> None:
    rows = rated(400)
    tables = []
    for name, part in (("가게", rows[:200]), ("앱", rows[200:])):
        folder = tmp_path / name
        folder.mkdir()
        write_own(folder, part)
        path = json.dumps(str(folder / "own.csv"))
        tables.append(f'[[sources]]\nkind = "file"\nname = "{name}"\npath = {path}\n')
    config = tmp_path / "own.toml"
    config.write_text("\n".join(tables), encoding="utf-8")
    settings = load_settings(config=config, environment={}, overrides=[*SMALL, NO_STARTER])
    report = run_pipeline(workspace, settings)
    page = report.path(names.REPORT).read_text(encoding="utf-8")
    assert "가게, 앱" in page
    assert "<caption>By source</caption>" in page
    for name in ("가게", "앱"):
        assert f"{name}: New reviews" in page
    (metrics,) = workspace.root.glob(f"metrics/*/{names.METRICS}")
    found = json.loads(metrics.read_bytes())["slices"]["rows"]
    assert {one["value"] for one in found if one["slice"] == "source"} == {"가게", "앱"}
