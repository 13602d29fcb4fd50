"""Rate limits, cooldowns and back-off."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipeline.crawl.http.throttle import JITTER, Pace, seconds_of
from pipeline.errors import RunError

HOST = "reviews.example"


def pace(delay: float = 0.0, max_cooldown: float = 60.0, first_wait: float = 0.1) -> Pace:
    return Pace(delay, max_cooldown, threading.Event(), first_wait)


def took(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def test_threads_share_the_delay() -> None:
    shared = pace(delay=0.03)
    with ThreadPoolExecutor(8) as pool:
        begun = sorted(pool.map(lambda _: shared.wait(HOST), range(16)))
    gaps = [after - before for before, after in itertools.pairwise(begun)]
    assert min(gaps) >= 0.03
    assert begun[-1] - begun[0] < 0.03 * 15 + 0.3


def test_hosts_are_independent() -> None:
    shared = pace(delay=5)
    shared.wait(HOST)
    assert took(lambda: shared.wait("other.example")) < 0.1


def test_delay_can_only_increase() -> None:
    shared = pace(delay=0.05)
    shared.wait(HOST)
    shared.slow_down(HOST, 0.15)
    shared.slow_down(HOST, 0.01)
    assert took(lambda: shared.wait(HOST)) == pytest.approx(0.15, abs=0.03)
    assert took(lambda: shared.wait(HOST)) == pytest.approx(0.15, abs=0.03)


def test_cooldown_applies_to_all_threads_and_follows_retry_after() -> None:
    shared = pace()
    shared.cool_down(HOST, shared.wait(HOST), "1")
    with ThreadPoolExecutor(4) as pool:
        waited = list(pool.map(lambda _: took(lambda: shared.wait(HOST)), range(4)))
    assert 0.9 < min(waited) <= max(waited) < 1.2


def test_cooldown_is_capped() -> None:
    shared = pace(max_cooldown=0.1)
    shared.cool_down(HOST, shared.wait(HOST), "9" * 30)
    assert took(lambda: shared.wait(HOST)) < 0.2


def test_cooldowns_without_retry_after_double_until_a_success() -> None:
    shared = pace(first_wait=0.05)

    def cooled() -> float:
        shared.cool_down(HOST, shared.wait(HOST), "0")
        return took(lambda: shared.wait(HOST))

    for expected in (0.05, 0.1, 0.2):
        assert expected - 0.005 <= cooled() <= expected * (1 + JITTER) + 0.03
    shared.recover(HOST, shared.wait(HOST))
    assert cooled() <= 0.05 * (1 + JITTER) + 0.03


def test_burst_counts_as_one_cooldown() -> None:
    shared = pace(first_wait=0.05)
    sent = [shared.wait(HOST) for _ in range(20)]
    for begun in sent:
        shared.cool_down(HOST, begun)
    shared.recover(HOST, sent[0])
    assert took(lambda: shared.wait(HOST)) <= 0.05 * (1 + JITTER) + 0.03
    shared.cool_down(HOST, shared.wait(HOST))
    assert 0.09 <= took(lambda: shared.wait(HOST)) <= 0.1 * (1 + JITTER) + 0.03


def test_stop_event_ends_all_waiting() -> None:
    stop = threading.Event()
    shared = Pace(60, 600, stop)
    shared.wait(HOST)
    threading.Timer(0.05, stop.set).start()
    begun = time.monotonic()
    for act in (lambda: shared.wait(HOST), lambda: shared.back_off(9), lambda: shared.wait("new")):
        with pytest.raises(RunError, match="interrupted"):
            act()
    assert time.monotonic() - begun < 0.5


def test_retry_after_may_be_seconds_or_a_date() -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=100)
    assert seconds_of(" 120 ") == 120
    assert seconds_of(format_datetime(ahead, usegmt=True)) == pytest.approx(100, abs=2)
    assert seconds_of(ahead.strftime("%a, %d %b %Y %H:%M:%S -0000")) == pytest.approx(100, abs=2)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-5", "soon", "1e3", "²", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2099", ","],
)
def test_invalid_retry_after_is_zero(text: str) -> None:
    assert seconds_of(text) == 0
