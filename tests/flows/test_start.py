"""The start of a command in odd environments."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, running

ENVIRONMENT = os.environ | {"PREFECT_API_URL": "", "PYTHONPATH": str(ROOT)}
MODELS = (sys.executable, "-m", "flows", "models")


HELD_IMPORT = """
import runpy, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
class Held:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            print("held", flush=True)
            time.sleep(600)
sys.meta_path.insert(0, Held())
sys.argv = ["flows", "models"]
runpy.run_module("flows", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["click.core", "flows.cli.options", "rich.console", "pydantic"])
def test_ctrl_c_during_the_imports_prints_no_traceback(tmp_path: Path, module: str) -> None:
    command = (sys.executable, "-c", HELD_IMPORT.format(module=module))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(*command, cwd=tmp_path, env=ENVIRONMENT, **pipes) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "error: interrupted; run the same command again\n"
        assert process.wait(60) == 128 + signal.SIGINT


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_standard_files(tmp_path: Path, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {closed}', "bash", *MODELS],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    expected = "" if "2>" in closed else "no model yet; train one with `review-sentiment run`\n"
    assert done.stderr == expected
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_user_without_account_and_home(tmp_path: Path) -> None:
    other = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
    can = shutil.which("unshare") and not subprocess.run([*other, "true"], check=False).returncode
    if not can:
        pytest.skip("user namespaces are not allowed here")
    code = "from tests.flows.test_start import import_prefect; import_prefect()"
    done = subprocess.run(
        [*other, sys.executable, "-c", code],
        cwd=tmp_path,
        env={name: value for name, value in ENVIRONMENT.items() if name != "HOME"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "data" / "workspace")]


def import_prefect() -> None:
    """What a command does before a flow, as far as it needs a home folder."""
    from flows.cli.options import GlobalOptions
    from flows.cli.session import open_workspace

    open_workspace(GlobalOptions())
    import prefect

    print(Path.home() if prefect.__version__ else "")
