"""Which settings the dashboard's form may change."""

from __future__ import annotations

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import ScheduleSettings, load_settings
from pipeline.settings.overrides import can_be_allowed, check_changes
from pipeline.settings.reference import reference


@pytest.mark.parametrize(
    "key", ["train.epochs", "model.kind", "train.members", "tokenizer.stem", "report.language"]
)
def test_numbers_and_choices_can_be_allowed(key: str) -> None:
    settings = load_settings(environment={}, overrides=[f'schedule.allow_overrides=["{key}"]'])
    check_changes([f"{key}=1", f" {key} = 2"], settings.schedule)


@pytest.mark.parametrize(
    "key",
    [
        "source.url",
        "source.path",
        "source.delay",
        "source.private_hosts",
        "store.url",
        "notify.url",
        "tracking.mlflow_uri",
        "runner.address",
        "runner.kind",
        "dashboard.host",
        "schedule.allow_overrides",
        "pretrain.unlabeled_path",
        "tokenizer.stop_words",
        "train",
        "train.epoch",
        "",
    ],
)
def test_addresses_paths_and_hosts_cannot(key: str) -> None:
    with pytest.raises(SettingsError, match=r"schedule\.allow_overrides: .* cannot be allowed"):
        load_settings(environment={}, overrides=[f'schedule.allow_overrides=["{key}"]'])


@pytest.mark.parametrize("change", ["train.epochs=3", "train={epochs=3}", "notify.url=http://a/"])
def test_nothing_is_allowed_by_default(change: str) -> None:
    with pytest.raises(SettingsError, match="cannot be changed in the dashboard"):
        check_changes([change], ScheduleSettings())


def test_nothing_that_is_text_can_be_allowed() -> None:
    rows = [line.split(" | ") for line in reference().splitlines() if line.startswith("| `")]
    kinds = {row[0].strip("| `"): row[1] for row in rows}
    allowed = {key: kind for key, kind in kinds.items() if can_be_allowed(key)}
    assert {"train.epochs", "clean.urls"} <= allowed.keys()
    assert not [key for key, kind in allowed.items() if kind in ("string", "path", "secret")]
