"""The threads of a tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from pipeline.runtime import count_workers

T = TypeVar("T")
R = TypeVar("R")


class Pool:
    """Threads for calls that cannot be interrupted; but waiting for them can be given up.

    Attributes:
        workers: Number of threads.
    """

    def __init__(self, workers: int | None = None) -> None:
        """Start no more than ``workers`` threads; unset: one for each core."""
        self.workers = count_workers(workers)
        self._threads = ThreadPoolExecutor(self.workers)
        self._closed: Future[None] = Future()

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the function's results in the order of the items.

        Raises:
            CancelledError: The pool was closed, before or meanwhile.
        """
        try:
            futures = [self._threads.submit(function, item) for item in items]
        except RuntimeError as error:
            raise CancelledError from error
        for future in futures:
            either: list[Future[Any]] = [future, self._closed]
            wait(either, return_when=FIRST_COMPLETED)
            if not future.done():
                raise CancelledError
            yield future.result()

    def close(self) -> None:
        """End what waits for results, at once; calls under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not self._closed.done():
            self._closed.set_result(None)
