"""Rate limits, cooldowns and back-off."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipeline.crawl.http.throttle import JITTER, Pace, seconds_of
from pipeline.errors import RunError
from tests.pipeline.crawl.clock import Clock

HOST = "reviews.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace(
    clock: Clock, delay: float = 0.0, max_cooldown: float = 60.0, first_wait: float = 1.0
) -> Pace:
    return Pace(delay, max_cooldown, clock, first_wait, clock)


def waited(clock: Clock, paced: Pace, host: str = HOST) -> float:
    """How long the next request to the host waits."""
    before = len(clock.waits)
    paced.wait(host)
    return sum(clock.waits[before:])


def test_threads_share_the_delay() -> None:
    shared = Pace(0.03, 60, threading.Event())
    with ThreadPoolExecutor(8) as pool:
        begun = sorted(pool.map(lambda _: shared.wait(HOST), range(16)))
    gaps = [after - before for before, after in itertools.pairwise(begun)]
    assert min(gaps) >= 0.03


def test_the_delay_is_not_exceeded(clock: Clock) -> None:
    shared = pace(clock, delay=3)
    begun = [shared.wait(HOST) for _ in range(16)]
    assert begun[-1] - begun[0] == pytest.approx(3 * 15, abs=0.01)


def test_hosts_are_independent(clock: Clock) -> None:
    shared = pace(clock, delay=5)
    shared.wait(HOST)
    assert waited(clock, shared, "other.example") == 0


def test_delay_can_only_increase(clock: Clock) -> None:
    shared = pace(clock, delay=5)
    shared.wait(HOST)
    shared.slow_down(HOST, 15)
    shared.slow_down(HOST, 1)
    assert waited(clock, shared) == pytest.approx(15, abs=0.01)
    assert waited(clock, shared) == pytest.approx(15, abs=0.01)


def test_cooldown_applies_to_all_threads_and_follows_retry_after() -> None:
    shared = Pace(0, 60, threading.Event())
    cooled = shared.wait(HOST)
    shared.cool_down(HOST, cooled, "1")
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: shared.wait(HOST), range(4)))
    assert min(begun) - cooled >= 1


def test_cooldown_is_not_longer_than_retry_after(clock: Clock) -> None:
    shared = pace(clock)
    shared.cool_down(HOST, shared.wait(HOST), "7")
    assert waited(clock, shared) == pytest.approx(7, abs=0.01)


def test_cooldown_is_capped(clock: Clock) -> None:
    shared = pace(clock, max_cooldown=60)
    shared.cool_down(HOST, shared.wait(HOST), "9" * 30)
    assert waited(clock, shared) == pytest.approx(60, abs=0.01)


def test_cooldowns_without_retry_after_double_until_a_success(clock: Clock) -> None:
    shared = pace(clock, first_wait=5)

    def cooled() -> float:
        shared.cool_down(HOST, shared.wait(HOST), "0")
        return waited(clock, shared)

    for expected in (5, 10, 20):
        assert expected - 0.01 <= cooled() <= expected * (1 + JITTER)
    shared.recover(HOST, shared.wait(HOST))
    assert cooled() <= 5 * (1 + JITTER)


def test_burst_counts_as_one_cooldown(clock: Clock) -> None:
    shared = pace(clock, first_wait=5)
    sent = [shared.wait(HOST) for _ in range(20)]
    for begun in sent:
        shared.cool_down(HOST, begun)
    shared.recover(HOST, sent[0])
    assert waited(clock, shared) <= 5 * (1 + JITTER)
    shared.cool_down(HOST, shared.wait(HOST))
    assert 10 - 0.01 <= waited(clock, shared) <= 10 * (1 + JITTER)


def test_stop_event_ends_all_waiting() -> None:
    stop = threading.Event()
    shared = Pace(600, 6000, stop, first_wait=600)
    shared.wait(HOST)
    threading.Timer(0.05, stop.set).start()
    begun = time.monotonic()
    for act in (lambda: shared.wait(HOST), lambda: shared.back_off(9), lambda: shared.wait("new")):
        with pytest.raises(RunError, match="interrupted"):
            act()
    assert time.monotonic() - begun < 60


def test_retry_after_may_be_seconds_or_a_date() -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=10_000)
    assert seconds_of(" 120 ") == 120
    assert seconds_of(format_datetime(ahead, usegmt=True)) == pytest.approx(10_000, abs=60)
    without_zone = ahead.strftime("%a, %d %b %Y %H:%M:%S -0000")
    assert seconds_of(without_zone) == pytest.approx(10_000, abs=60)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-5", "soon", "1e3", "²", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2099", ","],
)
def test_invalid_retry_after_is_zero(text: str) -> None:
    assert seconds_of(text) == 0
