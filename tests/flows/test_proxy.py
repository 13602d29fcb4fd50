"""The dashboard behind a proxy, which never gets a request for this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.dashboard import dashboard
from tests.flows.own import rated, write_own
from tests.flows.schedule import BY_HAND, Schedule
from tests.processes import free_port


def nobody() -> dict[str, str]:
    """Variables that name a proxy where nothing listens, and no exceptions."""
    proxy = f"http://127.0.0.1:{free_port()}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    proxies = {spelling: proxy for name in names for spelling in (name, name.upper())}
    return proxies | {"NO_PROXY": "", "no_proxy": ""}


@pytest.mark.long(minutes=1)
def test_dashboard_is_reached_by_the_schedule_and_its_runs(tmp_path: Path) -> None:
    write_own(tmp_path, rated(10))
    with dashboard(tmp_path, **nobody()) as shown:
        schedule = Schedule(f"{shown.root}/api", tmp_path, login=shown.login)
        with schedule.served(*BY_HAND, **nobody()):
            run = schedule.start("watch-source")
            schedule.wait_for(lambda: schedule.is_in(run, "COMPLETED"))
