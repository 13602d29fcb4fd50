"""From skewed reviews to a report of an ensemble: thresholds, the baseline, complaints found."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluate.records import Metrics
from pipeline.model.registry import Registry
from pipeline.predict.load import load_model
from pipeline.predict.networks import target_of
from pipeline.predict.predictor import Predictor
from pipeline.prepare.sequences import load_split
from pipeline.settings import load_settings
from pipeline.stages.end_to_end import run_pipeline
from pipeline.stages.held_out import decide_for_mean
from pipeline.storage import names
from pipeline.storage.manifest import read_manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import Binary
from tests.flows.own import WITHOUT_STARTER, rated, write_own


@pytest.mark.long
def test_models_of_skewed_reviews_decide_by_thresholds_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = [one for one in rated() if one[1] >= 4]
    bad = [one for one in rated() if one[1] <= 2][: len(good) // 8]
    write_own(tmp_path, good + bad)
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO, "pipeline")
    workspace = Workspace(tmp_path / "workspace")
    workspace.check()
    members = 'train.members=["kiwi", "mecab"]'
    settings = load_settings(environment={}, overrides=[*WITHOUT_STARTER, members])
    report = run_pipeline(workspace, settings)

    (path,) = workspace.root.glob(f"metrics/*/{names.METRICS}")
    metrics: Metrics = json.loads(path.read_bytes())
    chosen = metrics["chosen_baseline"]
    assert set(chosen["validation"]) == {"plain", "balanced"}
    best = max(chosen["validation"], key=lambda name: chosen["validation"][name])
    assert (chosen["class_weights"] or "plain") == best

    champion = Registry(workspace).champion
    assert champion is not None
    assert champion.metric == "macro_f1"
    assert champion.network == metrics["network"]["figures"]["macro_f1"]["value"]
    (found, _), (alarms, _) = metrics["network"]["confusion"]
    of = sum(metrics["network"]["confusion"][0])
    words = f"{found} of {of} found, {alarms} false alarms"
    html = report.path(names.REPORT).read_text(encoding="utf-8")
    for text in (html, caplog.text):
        assert (words if found + alarms else "no review predicted negative") in text
    assert "an ensemble of 2 networks" in html
    assert "mecab tokenizer" in html

    model = Registry(workspace).champion_model()
    target = target_of(model)
    assert isinstance(target, Binary)
    assert target.model_dump() == metrics["targets"]["network"]
    assert champion.rule == f"positive from {target.threshold:g}"
    texts = [model.path(f"member-{number}/{names.TEXT}").read_bytes() for number in (1, 2)]
    assert [json.loads(one)["target"]["threshold"] for one in texts] == [target.threshold] * 2
    manifests = [read_manifest(one) for one in workspace.root.glob("model/*/manifest.json")]
    networks = [one for one in manifests if one is not None]
    assert decide_for_mean(networks, "f1") == target
    assert load_model(workspace=workspace).target == target

    together, *alone = (
        Predictor(one).predict(["조용하고 정말 만족해요"])[0] for one in (model, *networks)
    )
    assert together == pytest.approx(sum(alone) / 2)

    dataset, _ = workspace.root.glob(f"dataset/*/{names.DATASET}")  # both hold the same labels
    _, labels = load_split(dataset, "validation")
    with np.load(networks[0].path(names.HELD_OUT)) as held_out:
        assert np.array_equal(held_out["labels"][-len(labels) :], labels)
        assert held_out["predicted"].shape == held_out["labels"].shape
