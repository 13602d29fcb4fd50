"""A helper process: results, errors, and its end."""

import os
import signal
import subprocess
import sys
import time
from operator import truediv

import pytest

from pipeline.errors import RunError
from pipeline.helper_process import HelperProcess
from pipeline.runtime import is_alive

PARENT = """
import os, signal, time
from pipeline.helper_process import HelperProcess
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
with HelperProcess(2) as helper:
    print(helper.start(os.getpid)(), flush=True)
    helper.start(time.sleep, 600)()
"""

WITHOUT_SEMAPHORES = """
import os
from pipeline.helper_process import HelperProcess
with HelperProcess(2) as helper:
    assert helper.start(os.getpid)() == os.getpid()
"""


def wait_for_end(process: int) -> None:
    while is_alive(process):
        time.sleep(0.1)


def test_calls_run_in_another_process_until_the_block_ends() -> None:
    with HelperProcess(2) as helper:
        first, second = helper.start(os.getpid), helper.start(os.getpid)
        process = first()
        assert process == second() != os.getpid()
    wait_for_end(process)


def test_with_one_worker_there_is_no_other_process() -> None:
    with HelperProcess(1) as helper:
        assert helper.start(os.getpid)() == os.getpid()


def test_without_semaphores_there_is_no_other_process() -> None:
    own_mounts = ("unshare", "--mount", "sh", "-c")
    if subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system is not allowed here")
    script = 'mount -t tmpfs -o ro tmpfs /dev/shm && exec "$0" -c "$1"'
    subprocess.run([*own_mounts, script, sys.executable, WITHOUT_SEMAPHORES], check=True)


def test_an_error_is_raised_where_the_result_is_needed() -> None:
    with HelperProcess(2) as helper:
        failed, fine = helper.start(truediv, 1, 0), helper.start(truediv, 1, 2)
        assert fine() == 0.5
        with pytest.raises(ZeroDivisionError):
            failed()


def test_a_killed_process_is_an_error_that_says_what_to_do() -> None:
    with HelperProcess(2) as helper:
        process, waiting = helper.start(os.getpid)(), helper.start(time.sleep, 600)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(RunError, match=r"runner\.workers = 1"):
            waiting()


def test_an_error_in_the_block_ends_the_process_without_waiting_for_it() -> None:
    process = 0
    with pytest.raises(KeyboardInterrupt), HelperProcess(2) as helper:
        process = helper.start(os.getpid)()
        helper.start(time.sleep, 600)
        raise KeyboardInterrupt
    wait_for_end(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_process_ends_with_its_parent(number: int) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent:
        process = int(parent.stdout.readline())
        parent.send_signal(number)
        wait_for_end(process)


def test_ctrl_c_in_the_terminal_is_left_to_the_parent() -> None:
    with HelperProcess(2) as helper:
        process = helper.start(os.getpid)()
        os.kill(process, signal.SIGINT)
        assert helper.start(os.getpid)() == process
