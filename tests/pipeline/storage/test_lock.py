import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.errors import WorkspaceError
from pipeline.storage.lock import hold, holder
from pipeline.storage.workspace import Workspace
from tests.processes import running

HOLD = (
    "import sys, time\n"
    "from pipeline.storage.lock import hold\n"
    "from pipeline.storage.workspace import Workspace\n"
    "with hold(Workspace(sys.argv[1]), owner='abc'):\n    print('held', flush=True)\n"
    "    time.sleep(600)\n"
)


@contextlib.contextmanager
def other_run(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the workspace for the time of the block."""
    command = (sys.executable, "-c", HOLD, workspace.root)
    with running(*command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_second_run_is_refused_until_the_first_ends(workspace: Workspace) -> None:
    assert holder(workspace) is None
    with other_run(workspace) as process:
        refusal = rf"another run \(process {process.pid}, since"
        with pytest.raises(WorkspaceError, match=refusal), hold(workspace):
            pass
        found = holder(workspace)
        assert found is not None
        assert (found["process"], found["owner"]) == (process.pid, "abc")
    assert holder(workspace) is None
    with hold(workspace):
        assert holder(workspace) is not None
    assert holder(workspace) is None


def test_waiting_run_starts_when_the_other_is_killed(workspace: Workspace) -> None:
    entered = threading.Event()

    def wait() -> None:
        with hold(workspace, wait=True):
            entered.set()

    with other_run(workspace):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.2)
        assert not entered.is_set()
    thread.join(timeout=60)
    assert entered.is_set()
