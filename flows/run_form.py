"""Parameters of a scheduled run, which the dashboard's form can change.

The owner, who runs the schedule, sets them. ``serve`` passes the owner's values to its runs in the
environment, which neither the form of a run nor the form of a deployment can change. Runs of a
worker use the values of their deployment instead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import get_client

from pipeline.errors import SettingsError
from pipeline.settings import Settings, load_settings
from pipeline.settings.overrides import check_changes
from pipeline.storage.workspace import Workspace

VARIABLE = "_REVIEW_SENTIMENT_SERVED"
DEFAULTS: dict[str, Any] = {"workspace": "data/workspace", "config": "", "overrides": []}


def parameters(
    workspace: Workspace, config: Path | None, overrides: Sequence[str]
) -> dict[str, Any]:
    """The parameters of a deployment."""
    return {
        "workspace": str(workspace.root),
        "config": str(config.absolute()) if config else "",
        "overrides": list(overrides),
    }


def pass_on(workspace: Workspace, config: Path | None, overrides: Sequence[str]) -> None:
    """Pass the parameters that the owner gave to the runs of this process."""
    os.environ[VARIABLE] = json.dumps(parameters(workspace, config, overrides))


def renewed(
    given: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of a waiting run after the owner's have changed; its own changes are kept.

    Args:
        given: The parameters of the run.
        before: The owner's parameters when the run was made.
        now: The owner's parameters now.
    """
    own = [one for one in given.get("overrides") or () if one not in before["overrides"]]
    same = {name: now[name] for name in ("workspace", "config")
            if given.get(name, before[name]) == before[name]}  # fmt: skip
    return {**given, **same, "overrides": [*now["overrides"], *own]}


def settings_of_run(workspace: str, config: str, overrides: Sequence[str]) -> Settings:
    """The settings of a run, which may differ from the owner's settings only in allowed keys.

    Args:
        workspace: Workspace; like the others, a parameter of the run.
        config: Path of a TOML file, empty for none.
        overrides: ``section.key=value``.

    Raises:
        SettingsError: The run changes a setting that it must not, or a setting is invalid.
    """
    given = {"workspace": workspace, "config": config, "overrides": list(overrides)}
    owner = _of_owner(runtime.deployment.id) or given
    for name in ("workspace", "config"):
        if given[name] != owner[name]:
            raise SettingsError(f"{name} cannot be changed in the dashboard: keep {owner[name]!r}")
    changes = [one for one in overrides if one not in (owner["overrides"] or ())]
    check_changes(changes, _load(owner).schedule)
    return _load(owner, changes)


def settings_of_owner(deployment: UUID | None, given: Mapping[str, Any]) -> Settings:
    """The settings of a run without its own changes.

    Args:
        deployment: Id of the run's deployment; None for a flow not started by a deployment.
        given: The parameters of the run.

    Raises:
        SettingsError: A setting is invalid.
    """
    return _load(_of_owner(deployment) or DEFAULTS | dict(given))


def _of_owner(deployment: UUID | str | None) -> dict[str, Any] | None:
    """The parameters that the owner gave; None for a flow not started by a deployment."""
    if served := os.environ.get(VARIABLE):
        return dict(json.loads(served))
    if not deployment:
        return None
    with get_client(sync_client=True) as client:
        return DEFAULTS | client.read_deployment(UUID(str(deployment))).parameters


def _load(given: Mapping[str, Any], changes: Sequence[str] = ()) -> Settings:
    config = Path(given["config"]) if given["config"] else None
    return load_settings(config=config, overrides=[*(given["overrides"] or ()), *changes])
