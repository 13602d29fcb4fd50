"""The lock of ``serve``, held by another process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flows import serve_lock
from pipeline.errors import WorkspaceError
from pipeline.storage import lock
from pipeline.storage.workspace import Workspace
from tests.processes import ROOT, running

HOLD = """
import sys
from flows import serve_lock
from pipeline.storage.workspace import Workspace
with serve_lock.hold(Workspace(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_killed(workspace: Workspace) -> None:
    command = (sys.executable, "-c", HOLD, str(workspace.root))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(*command, env=os.environ | {"PYTHONPATH": str(ROOT)}, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        other = f"already serves the workspace .* \\(process {process.pid}, since 2.*stop it first"
        with pytest.raises(WorkspaceError, match=other), serve_lock.hold(workspace):
            pass
        assert serve_lock.is_held(workspace)
        with lock.hold(workspace):  # runs have a lock of their own
            pass
        process.kill()
        process.wait()
    assert not serve_lock.is_held(workspace)
    with serve_lock.hold(workspace):
        assert serve_lock.is_held(workspace)
    assert not serve_lock.is_held(workspace)
