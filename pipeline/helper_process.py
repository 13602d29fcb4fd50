"""A process that calls functions while this one goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from pipeline.errors import RunError
from pipeline.runtime import count_workers

P = ParamSpec("P")
R = TypeVar("R")


class HelperProcess:
    """Calls functions one after the other in another process.

    Threads would not be faster, because only one thread at a time runs Python code. The process
    ends with the ``with`` block, and with this process, even if that is killed.
    """

    def __init__(self, workers: int | None = None) -> None:
        """Prepare the process; it starts with the first call.

        With one worker, and where processes cannot share semaphores (in some containers),
        functions are called in this process, when their result is needed.

        Args:
            workers: Number of processes that may compute at the same time; None stands for the
                number of cores.
        """
        self._is_alone = count_workers(workers) == 1
        self._executor: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            for process in list(self._executor._processes.values()):
                process.terminate()
            self._executor.shutdown()

    def start(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Callable[[], R]:
        """Begin a call, after those begun before it.

        Args:
            function: Must be importable by name.
            *args: Arguments, which are pickled.
            **kwargs: Keyword arguments, which are pickled.

        Returns:
            A function that waits for the result. It raises what the call raised, and ``RunError``
            if the process died.
        """
        if self._executor is None and not self._is_alone:
            self._executor = _executor()
        if self._executor is None:
            return partial(function, *args, **kwargs)
        future = self._executor.submit(function, *args, **kwargs)

        def result() -> R:
            from joblib.externals.loky import BrokenProcessPool

            try:
                answer: R = future.result()
            except BrokenProcessPool as error:
                raise RunError(
                    "a helper process died: set runner.workers = 1 if memory ran out"
                ) from error
            return answer

        return result


def _executor() -> Any:
    """An executor with one process; None if the system does not allow it."""
    from joblib.externals.loky import ProcessPoolExecutor

    try:
        return ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),))
    except (ImportError, NotImplementedError, OSError):
        return None


def exit_with(parent: int) -> None:
    """Exit this process when its parent dies, even by SIGKILL."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent, which then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    exit_with(parent)
