"""The thread pool: order of results and cancellation."""

import threading
import time
from concurrent.futures import CancelledError

import pytest

from pipeline.tokenizer.pool import Pool


def test_results_come_in_the_order_of_the_items() -> None:
    pool = Pool(4)

    def slow_first(item: int) -> int:
        time.sleep(0.05 if item == 0 else 0)
        return item

    assert list(pool.map(slow_first, range(20))) == list(range(20))
    pool.close()


def test_close_cancels_a_caller_that_waits() -> None:
    pool, may_end, started = Pool(1), threading.Event(), threading.Event()

    def call(_: int) -> None:
        started.set()
        may_end.wait(30)

    def close_when_begun() -> None:
        started.wait(30)
        pool.close()

    threading.Thread(target=close_when_begun).start()
    with pytest.raises(CancelledError):
        list(pool.map(call, range(3)))
    may_end.set()
    pool.close()


def test_a_closed_pool_refuses_calls() -> None:
    pool = Pool(1)
    pool.close()
    with pytest.raises(CancelledError):
        list(pool.map(str, range(3)))
