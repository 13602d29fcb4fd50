import subprocess
import sys
import threading
import time

import pytest

from pipeline.errors import WorkspaceError
from pipeline.storage.lock import hold, holder
from pipeline.storage.workspace import Workspace

HOLD = (
    "import sys, time\n"
    "from pipeline.storage.lock import hold\n"
    "from pipeline.storage.workspace import Workspace\n"
    "with hold(Workspace(sys.argv[1]), owner='abc'):\n    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


def other_run(workspace: Workspace) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace.root)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_run_is_refused_until_the_first_ends(workspace: Workspace) -> None:
    assert holder(workspace) is None
    process = other_run(workspace)
    try:
        refusal = rf"another run \(process {process.pid}, since"
        with pytest.raises(WorkspaceError, match=refusal), hold(workspace):
            pass
        found = holder(workspace)
        assert found is not None
        assert (found["process"], found["owner"]) == (process.pid, "abc")
    finally:
        process.kill()
        process.communicate()
    assert holder(workspace) is None
    with hold(workspace):
        assert holder(workspace) is not None
    assert holder(workspace) is None


def test_waiting_run_starts_when_the_other_is_killed(workspace: Workspace) -> None:
    process = other_run(workspace)
    entered = threading.Event()

    def wait() -> None:
        with hold(workspace, wait=True):
            entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    assert not entered.is_set()
    process.kill()
    process.communicate()
    thread.join(timeout=10)
    assert entered.is_set()
