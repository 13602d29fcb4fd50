"""Keras and TensorFlow set-up, process checks and the default number of workers."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ENDED = "ended"
"""Result of :func:`start_of` for a zombie: a process that has ended but was not yet reaped."""
_START_FIELD = 18
"""Index of the start time among the fields after the state in ``/proc/PID/stat``."""

_freezing_lock = threading.Lock()
_freezing = 0
"""Number of threads inside :func:`frozen_objects`."""
_others_froze = False
"""Whether other code ever froze objects, which :func:`frozen_objects` must not unfreeze.

Remembered, because ``gc.get_freeze_count`` takes time proportional to the number of objects.
"""


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Disable garbage collection while large packages are imported, then freeze all objects.

    Imports create hundreds of thousands of objects, all of which stay alive. Collections would
    take a fifth of the import time. Later collections skip the frozen objects too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def load_backend() -> None:
    """Import Keras with TensorFlow as its backend, once; show its stderr only if that fails.

    Sets thread counts unless the environment does: the operations of an LSTM are small, so running
    two in parallel, each on half of the cores, is faster than one at a time on all cores.
    """
    if "keras" in sys.modules:
        return
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, count_workers() // 2)))
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
    with _captured_stderr(), importing():
        import keras  # noqa: F401


def import_libraries() -> None:
    """Import the libraries that training needs now, instead of on first use."""
    load_backend()
    with importing():
        import sklearn.linear_model  # noqa: F401


def one_blas_thread() -> contextlib.AbstractContextManager[object]:
    """Run linear algebra on one thread in the block.

    On short vectors and small matrices more threads mostly wait for each other, and their number
    changes the last bits of the result.
    """
    from threadpoolctl import threadpool_limits

    limits: contextlib.AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits


def seed_backend(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, reset layer names and make operations deterministic."""
    load_backend()
    import keras
    import tensorflow as tf

    keras.utils.clear_session(free_memory=False)  # its collection takes 0.3 s
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def frozen_objects() -> Iterator[None]:
    """Context manager that exempts all existing objects from garbage collection.

    With many live objects, collections take much of the time of a loop that creates many more. A
    nested block does nothing, so that garbage made in the outer block is still collected. Nor does
    a block do anything if other code, such as :func:`importing`, has frozen objects: it could only
    unfreeze all objects, including those.
    """
    global _freezing, _others_froze
    with _freezing_lock:
        if not _freezing:
            _others_froze = _others_froze or gc.get_freeze_count() > 0
            if not _others_froze:
                gc.freeze()
        _freezing += 1
    try:
        yield
    finally:
        with _freezing_lock:
            _freezing -= 1
            if not _freezing and not _others_froze:
                gc.unfreeze()


def freeze_new(make: Callable[[], T]) -> T:
    """Make an object and exempt it too; call this within a :func:`frozen_objects` block.

    Garbage made earlier in the block is collected first.
    """
    if _others_froze:
        return make()
    gc.collect()
    made = make()
    gc.freeze()
    return made


@contextlib.contextmanager
def _captured_stderr() -> Iterator[None]:
    """Redirect file descriptor 2 (C++ code writes to it too); replay it if the block raises."""
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except BaseException:
            file.seek(0)
            os.write(original, file.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


def is_alive(process: int, started: str = "") -> bool:
    """Whether a process runs on this machine.

    Args:
        process: Id of the process.
        started: When it started, from :func:`start_of`. A process with this id that started at
            another time does not count. Empty: not known.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    now = start_of(process)
    return now != ENDED and (not (started and now) or started == now)


def start_of(process: int) -> str:
    """When a process started, as a string without spaces; empty for an unknown process.

    Boot id and clock ticks, or the time of ``ps`` on systems without ``/proc``.
    """
    if not Path("/proc/self/stat").exists():
        return _start_by_ps(process)
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()  # the name before it may contain spaces
    return ENDED if state in "ZX" else f"{boot}:{fields[_START_FIELD]}"


def is_same(process: int, started: str) -> bool:
    """Whether the process that :func:`start_of` described is still running under this id."""
    return started not in ("", ENDED) and start_of(process) == started


def _start_by_ps(process: int) -> str:
    answer = subprocess.run(  # noqa: S603  (a number)
        ["ps", "-o", "lstart=", "-p", str(process)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return "_".join(answer.stdout.split()) or ENDED


def count_workers(wanted: int | None = None) -> int:
    """``wanted``, or by default the number of cores that this process may use."""
    return wanted or len(os.sched_getaffinity(0))
