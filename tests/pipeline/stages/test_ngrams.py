"""The wide branch as a stage."""

import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.settings import load_settings
from pipeline.stages import ngrams
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import Prepared, prepare
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from tests.flows.own import QUICK, rated, write_own


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("wide")
    write_own(folder, rated())
    own = (*QUICK, f"source.path={folder / 'own.csv'}", "source.columns.text=review")
    settings = load_settings(environment={}, overrides=own)
    workspace = Workspace(folder / "workspace")
    workspace.check()
    runner = Runner(workspace)
    (first,) = prepare(runner, crawl(workspace, settings), settings)
    return first


def fit(prepared: Prepared, folder: Path, *, with_starter: bool = True) -> Output:
    return ngrams.fit_ngrams.make(folder, prepared.examples, prepared.tokens, None, with_starter)


def rows(prepared: Prepared, *splits: str) -> int:
    return sum(sum(prepared.examples.details["splits"][name].values()) for name in splits)


def test_few_examples_are_held_out_by_cross_validation(prepared: Prepared, tmp_path: Path) -> None:
    output = fit(prepared, tmp_path)
    assert output.details["starter"] == "joined"
    assert names.STARTER in output.files
    with np.load(tmp_path / names.WIDE_HELD_OUT) as found:
        expected = rows(prepared, "train", "validation")
        assert found["logits"].shape == found["labels"].shape == (expected,)
        assert np.mean((found["logits"] > 0) == found["labels"]) > 0.7


def test_many_examples_are_held_out_by_the_validation_split(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngrams, "FEW", 10)
    fit(prepared, tmp_path)
    with np.load(tmp_path / names.WIDE_HELD_OUT) as found:
        assert found["labels"].shape == (rows(prepared, "validation"),)


def test_the_starter_can_be_switched_off(prepared: Prepared, tmp_path: Path) -> None:
    output = fit(prepared, tmp_path, with_starter=False)
    assert output.details["starter"] == "unused"
    assert names.STARTER not in output.files


def test_the_starter_is_left_out_where_it_knows_the_reviews(
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="pipeline")
    monkeypatch.setattr(ngrams, "starter_share", lambda _: 0.4)
    output = fit(prepared, tmp_path)
    assert output.details["starter"] == "left out"
    assert names.STARTER not in output.files
    assert "it was trained on 40 % of the reviews" in caplog.text
