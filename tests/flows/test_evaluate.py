"""Messages about the evaluation, to a real receiver."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from flows.evaluate import tell
from pipeline.evaluate.promotion import Decision
from pipeline.model.registry import Version
from pipeline.settings import NotifySettings
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.site import Answer, Site, serve

VERSION = Version(number=2, model="model/a", made="2026-12-01T00:00:00+00:00")
DECISION = Decision(promoted=False, reason="it is worse than the champion")


def report(workspace: Workspace, drift: dict[str, Any] | None) -> Manifest:
    return workspace.finish("report", workspace.folder("report", "a").name, [], 1, {"drift": drift})


def told(site: Site) -> list[str]:
    """The kinds of the messages since the last call."""
    kinds = [kind for one in site.asked for kind in ("drift", "candidate")
             if f'"event": "{kind}"'.encode() in one.body]  # fmt: skip
    site.asked.clear()
    return kinds


@pytest.mark.parametrize("drift", [{"is_drift": True, "examples": 20}, None])
def test_each_decision_and_each_drift_is_told_once(
    workspace: Workspace, drift: dict[str, Any] | None
) -> None:
    found, all_ = report(workspace, drift), ["drift", "candidate"] if drift else ["candidate"]
    with serve() as site:
        settings = NotifySettings(url=SecretStr(f"{site.url}/hook"))
        site.answers["/hook"] = Answer(status=503)
        tell(workspace, settings, found, VERSION, DECISION)
        assert told(site) == all_
        site.answers["/hook"] = Answer()
        tell(workspace, settings, found, VERSION, DECISION)
        assert told(site) == all_  # it was refused before
        for _ in range(2):
            tell(Workspace(workspace.root), settings, found, VERSION, DECISION)
            assert told(site) == []
        again = replace(DECISION, reason=f"{DECISION.reason} (decided before)")
        tell(workspace, settings, found, VERSION, again)
        assert told(site) == []
        newer = report(workspace, {"is_drift": True, "examples": 21})
        champion = VERSION.model_copy(update={"status": "champion"})
        tell(workspace, settings, newer, champion, replace(DECISION, promoted=True))
        assert told(site) == ["drift"]
