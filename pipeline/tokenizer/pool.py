"""A thread pool whose waiting callers can be cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from pipeline.runtime import count_workers

T = TypeVar("T")
R = TypeVar("R")


class Pool:
    """Thread pool for blocking calls; :meth:`close` cancels callers that wait for results.

    Attributes:
        workers: Number of threads.
    """

    def __init__(self, workers: int | None = None) -> None:
        """Create a pool of at most ``workers`` threads; None uses one per core."""
        self.workers = count_workers(workers)
        self._threads = ThreadPoolExecutor(self.workers)
        self._closed: Future[None] = Future()

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Call ``function`` on each item; yield the results in the order of the items.

        Raises:
            CancelledError: The pool is closed, or was closed while waiting.
        """
        try:
            futures = [self._threads.submit(function, item) for item in items]
        except RuntimeError as error:
            raise CancelledError from error
        for future in futures:
            waited: list[Future[Any]] = [future, self._closed]
            wait(waited, return_when=FIRST_COMPLETED)
            if not future.done():
                raise CancelledError
            yield future.result()

    def close(self) -> None:
        """Cancel waiting callers at once; running calls finish in the background."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not self._closed.done():
            self._closed.set_result(None)
