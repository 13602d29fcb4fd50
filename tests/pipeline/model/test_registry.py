"""The model registry, and the promotion of candidates."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.evaluate.promotion import decide, gain
from pipeline.model.registry import Registry
from pipeline.settings import GateSettings
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score

LABELS = (np.arange(400) % 2).astype(np.float32)


@pytest.fixture
def trained(workspace: Workspace) -> Callable[[str], Manifest]:
    def make(key: str) -> Manifest:
        (workspace.folder("model", key) / "model.keras").write_text(key)
        return workspace.finish("model", key, ["model.keras"], 1, {})

    return make


def test_the_first_is_the_champion_and_the_next_a_candidate(
    workspace: Workspace, trained: Callable[[str], Manifest]
) -> None:
    registry = Registry(workspace)
    assert registry.versions() == []
    assert registry.champion is None
    first, second = registry.add(trained("a"), source="demo"), registry.add(trained("b"))
    assert [(one.number, one.status) for one in registry.versions()] == [
        (1, "champion"), (2, "candidate"),
    ]  # fmt: skip
    assert registry.add(trained("a"), network=0.9).number == first.number
    assert registry.versions()[0].network == 0.9
    assert registry.versions()[0].source == "demo"
    assert registry.champion_model().path("model.keras").read_text() == "a"
    assert registry.promote(second.number, "better").status == "champion"
    assert [(one.number, one.status) for one in registry.versions()] == [
        (1, "former"), (2, "champion"),
    ]  # fmt: skip
    rival = registry.rival_of(trained("b"))
    assert rival is not None
    assert rival.number == 1
    assert registry.rival_of(trained("a")) is None
    registry.promote(1, "rolled back")
    assert registry.champion_model().path("model.keras").read_text() == "a"


def test_missing_versions_cannot_be_promoted(
    workspace: Workspace, trained: Callable[[str], Manifest]
) -> None:
    registry = Registry(workspace)
    registry.add(trained("a"))
    second = registry.add(trained("b"))
    with pytest.raises(InputError, match="no version 7; known versions: 1, 2"):
        registry.promote(7, "")
    trained("b").path("model.keras").unlink()
    with pytest.raises(WorkspaceError, match="is incomplete or was changed"):
        registry.promote(second.number, "")
    assert registry.champion is not None
    assert registry.champion.number == 1


@pytest.mark.parametrize("text", ["", "{}x", '[{"number": "x"}]', "[1]"])
def test_a_damaged_registry_is_named(workspace: Workspace, text: str) -> None:
    (workspace.root / "models.json").write_text(text)
    with pytest.raises(WorkspaceError, match=r"models\.json is damaged"):
        Registry(workspace).versions()


@pytest.mark.parametrize("name", ["models.json", "model/a/manifest.json"])
def test_a_file_that_cannot_be_read_is_not_called_damaged(
    workspace: Workspace, trained: Callable[[str], Manifest], name: str
) -> None:
    registry = Registry(workspace)
    registry.add(trained("a"))
    path = workspace.root / name
    path.unlink()
    path.symlink_to(path)  # an error of access, even for root
    with pytest.raises(WorkspaceError) as raised:
        registry.champion_model()
    assert f"cannot read {path}: Too many levels of symbolic links; check" in str(raised.value)
    assert "the versions of the model are not lost" in str(raised.value)
    assert "damaged" not in str(raised.value)


def predictions(errors: int, begin: int = 0) -> np.ndarray:
    """Predictions of which ``errors`` in a row are wrong."""
    predicted = np.where(LABELS == 1, 0.9, 0.1)
    predicted[begin : begin + errors] = 1 - predicted[begin : begin + errors]
    return predicted


@pytest.mark.parametrize(
    ("errors", "champion", "passed", "promoted", "why"),
    [
        (40, 40, 0.8, True, "not worse than the champion: +0.00 percentage points of macro-F1"),
        (44, 40, 0.8, True, "not worse than the champion: -1.00 percentage points of macro-F1"),
        (90, 40, 0.8, False, "worse than the champion: -12.50 percentage points of macro-F1"),
        (10, 40, 0.8, True, "not worse than the champion: +7.50 percentage points of macro-F1"),
        (10, 40, 0.3, False, "30% of the behavioural tests, but gate.behaviour_floor requires 50%"),
        (90, None, 0.8, True, "no champion to compare"),
    ],
)
def test_only_models_that_are_not_worse_are_promoted(
    errors: int, champion: int | None, passed: float, promoted: bool, why: str
) -> None:
    settings = GateSettings()
    old = None if champion is None else predictions(champion, begin=200)
    gained = None if old is None else gain(LABELS, (BINARY, predictions(errors)), (BINARY, old))
    found = decide(gained, passed, settings, BINARY)
    assert found.promoted is promoted
    assert why in found.reason


def test_without_a_fair_comparison_the_champion_stays() -> None:
    found = decide(None, 0.8, GateSettings(), BINARY, "nothing is known about it")
    assert not found.promoted
    assert found.reason == "it cannot be compared with the champion: nothing is known about it"


def test_the_reason_says_how_many_reviews_were_compared() -> None:
    gained = gain(LABELS, (BINARY, predictions(40)), (BINARY, predictions(40, begin=200)))
    found = decide(gained, 0.8, GateSettings(), BINARY, "400 of the 500 tested reviews")
    assert found.promoted
    assert found.reason.endswith(") on 400 of the 500 tested reviews")


def test_ratings_are_compared_by_mean_absolute_error() -> None:
    target = Score(lowest=1, highest=5)
    labels = np.linspace(0, 1, 200).astype(np.float32)
    exact = np.linspace(0, 1, 200)
    gained = gain(labels, (target, exact + 0.1), (target, exact + 0.01))
    found = decide(gained, 0.9, GateSettings(), target)
    assert not found.promoted
    assert "-0.36 rating points" in found.reason


def test_each_model_is_compared_by_its_own_threshold() -> None:
    labels = (np.arange(1000) % 25 > 0).astype(np.float32)
    shared = np.where(labels == 1, 0.95, 0.7)
    gained = gain(labels, (Binary(threshold=0.8), shared), (BINARY, shared))
    found = decide(gained, 0.9, GateSettings(), BINARY)
    assert gained["value"] == pytest.approx(1 - 0.96 / 1.96)
    assert gained["interval"][0] > 0.4
    assert found.promoted


def test_versions_recorded_by_accuracy_are_still_read(workspace: Workspace) -> None:
    old = {"number": 1, "model": "model/a", "made": "2026-01-01", "metric": "accuracy",
           "network": 0.96, "status": "champion"}  # fmt: skip
    (workspace.root / "models.json").write_text(json.dumps([old]), encoding="utf-8")
    (version,) = Registry(workspace).versions()
    assert (version.metric, version.network, version.rule) == ("accuracy", 0.96, "")
