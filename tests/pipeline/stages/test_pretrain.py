"""Layers that are pretrained once serve a training on other reviews."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.settings import load_settings
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.stages.train import train
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from pipeline.train.carried_layers import load_layers
from tests.flows.own import WITHOUT_STARTER, rated, write_own


@pytest.mark.long
def test_layers_of_one_workspace_serve_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="pipeline")
    monkeypatch.chdir(tmp_path)

    def layers(workspace: str, rows: slice, *overrides: str) -> Path:
        write_own(tmp_path, rated()[rows])
        own = Workspace(tmp_path / workspace)
        own.check()
        settings = load_settings(environment={}, overrides=[*WITHOUT_STARTER, *overrides])
        runner = Runner(own)
        train(runner, prepare(runner, crawl(own, settings), settings), settings)
        (found,) = own.root.glob(f"pretrained/*/{names.LAYERS}")
        return found

    first = layers("first", slice(200), "pretrain.min_texts=100")
    assert f"pretrained layers: {first}" in caplog.messages
    second = layers("second", slice(100, 300), f"pretrain.from_path={first}")
    (said,) = [one for one in caplog.messages if one.startswith(f"{first} has pretrained layers")]
    known, _, total = said.rpartition(" words")[0].partition(" for ")[2].partition(" of ")
    assert 0 < int(known.replace(",", "")) < int(total.replace(",", ""))
    one, other = load_layers(first), load_layers(second)
    np.testing.assert_array_equal(one["forward_1"], other["forward_1"])
    assert len(other["embedding"]) == int(total.replace(",", ""))
