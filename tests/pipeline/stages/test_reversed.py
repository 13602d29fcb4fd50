"""A file whose lowest rating is the best one."""

import json
import logging
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DATA
from pipeline.settings import load_settings
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import label_and_split
from pipeline.stages.runner import Runner
from pipeline.storage.workspace import Workspace


@pytest.mark.parametrize("values", ["", 'source.values={"1"=5,"2"=4,"4"=2,"5"=1}'])
def test_the_log_says_so_until_the_scale_is_turned_round(
    tmp_path: Path, workspace: Workspace, caplog: pytest.LogCaptureFixture, values: str
) -> None:
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()[:400]
    rated = [(one["text"], 6 - one["score"]) for one in map(json.loads, lines)]
    path = tmp_path / "own.jsonl"
    rows = (json.dumps({"text": text, "rating": rating}) for text, rating in rated)
    path.write_text("\n".join(rows), encoding="utf-8")
    overrides = ["source.kind=file", f"source.path={path}", *filter(None, [values])]
    settings = load_settings(environment={}, overrides=overrides)
    snapshot = crawl(workspace, settings)
    with caplog.at_level(logging.WARNING):
        examples = Runner(workspace).run(
            label_and_split, snapshot, settings.label, settings.clean, settings.split, None
        )
    assert examples.details["reversed"] == (not values)
    assert any("turn the scale round" in one for one in caplog.messages) == (not values)
