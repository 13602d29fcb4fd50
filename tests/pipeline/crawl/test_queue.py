import os
import socket
import subprocess
import sys

import pytest
import sqlalchemy as sa

from pipeline.crawl.history import begin_crawl, end_crawl
from pipeline.crawl.queue import Frontier, Lease
from pipeline.crawl.sites.base import Request
from pipeline.runtime import start_of
from pipeline.storage.database import Database

FIRST, SECOND = Request(url="https://a.example/1"), Request(url="https://a.example/2")


def open_frontier(database: Database, plan: str = "plan", full: bool = False) -> Frontier:
    return Frontier(database, "s", plan, full=full)


def add(frontier: Frontier, database: Database, *requests: Request) -> list[Request]:
    with database.transaction() as connection:
        return frontier.add(connection, requests)


def end(frontier: Frontier, database: Database, state: str = "done") -> Request:
    """Lease the next request and end the lease."""
    with database.transaction() as connection:
        lease = frontier.lease(connection)
        assert lease is not None
        assert frontier.settle(connection, lease, state)
    return lease.request


def lease(frontier: Frontier, database: Database) -> Lease | None:
    with database.transaction() as connection:
        return frontier.lease(connection)


def finish(frontier: Frontier, database: Database, complete: bool = True) -> bool:
    with database.transaction() as connection:
        return frontier.finish(connection, complete=complete)


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_requests_are_leased_once_and_in_order(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST, SECOND)
    assert [end(frontier, database), end(frontier, database)] == [FIRST, SECOND]
    assert lease(frontier, database) is None
    assert frontier.count("done") == 2


@pytest.mark.parametrize(
    "url",
    ["https://a.example/1#top", "https://A.EXAMPLE:443/1", "https://a.example/1?"],
)
def test_equivalent_requests_are_queued_once(database: Database, url: str) -> None:
    frontier = open_frontier(database)
    assert add(frontier, database, FIRST, FIRST) == [FIRST]
    assert add(frontier, database, Request(url=url)) == []
    posts = [Request(url=url, method="POST", body=body) for body in ('{"a":1,"b":2}', '{"a": 2}')]
    assert add(frontier, database, *posts) == posts
    same = Request(url=url, method="POST", body='{"b": 2, "a": 1}')
    assert add(frontier, database, same) == []


def test_leases_of_dead_processes_are_released(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST)
    taken = lease(frontier, database)
    assert taken is not None
    assert lease(open_frontier(database), database) is None
    assert frontier.take_back() == 1
    with database.transaction() as connection:
        owner = sa.text("UPDATE requests SET owner = replace(owner, :me, :dead)")
        me = os.getpid()
        connection.execute(owner, {"me": f" {me} ", "dead": f" {dead_process()} "})
    other = open_frontier(database)
    assert other.take_back() == 0
    assert end(other, database) == FIRST
    with database.transaction() as connection:
        assert not frontier.settle(connection, taken, "done")


def test_lease_of_a_process_whose_number_another_has_is_released(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        for earlier in ("@00000000-boot:1", f"@{start_of(os.getpid())}"):
            lease(frontier, database)
            with database.transaction() as connection:
                owner = f"{socket.gethostname()} {other.pid} abcd{earlier}"
                connection.execute(sa.text("UPDATE requests SET owner = :o"), {"o": owner})
            assert frontier.take_back() == 0
        lease(frontier, database)
        with database.transaction() as connection:
            owner = f"{socket.gethostname()} {other.pid} abcd@{start_of(other.pid)}"
            connection.execute(sa.text("UPDATE requests SET owner = :o"), {"o": owner})
        assert frontier.take_back() == 1
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # ended, its number not yet free
        assert frontier.take_back() == 0
    assert end(frontier, database) == FIRST


@pytest.mark.parametrize("seconds", [-10_000, 10_000])
def test_leases_of_a_living_process_expire(
    database: Database, seconds: int, caplog: pytest.LogCaptureFixture
) -> None:
    add(open_frontier(database), database, FIRST)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        frontier = open_frontier(database)
        lease(frontier, database)
        owner = f"{socket.gethostname()} {other.pid} abcd@{start_of(other.pid)}"
        with database.transaction() as connection:
            connection.execute(sa.text("UPDATE requests SET owner = :o"), {"o": owner})
        with caplog.at_level("INFO"):
            assert [frontier.take_back(), frontier.take_back()] == [1, 1]
        assert caplog.text.count("1 pages are being fetched by another process") == 1
        with database.transaction() as connection:
            connection.execute(sa.text(f"UPDATE requests SET leased = leased + {seconds}"))  # noqa: S608
        assert frontier.take_back() == 0
        other.kill()


def test_leases_of_another_host_expire(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST)
    lease(frontier, database)
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE requests SET owner = 'far away 1 abcd'"))
    assert frontier.take_back() == 1
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE requests SET leased = leased - 10000"))
    assert frontier.take_back() == 0
    assert end(frontier, database) == FIRST


def test_unfinished_crawl_is_resumed(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST, SECOND)
    end(frontier, database)
    again = open_frontier(database)
    assert not again.is_new
    assert again.crawl == frontier.crawl
    assert add(again, database, FIRST) == []
    assert end(again, database) == SECOND
    assert finish(again, database)
    assert not finish(frontier, database)
    assert open_frontier(database).is_new


def test_failed_requests_are_retried_by_the_next_process(database: Database) -> None:
    frontier = open_frontier(database)
    add(frontier, database, FIRST)
    end(frontier, database, "lost")
    with database.transaction() as connection:
        summary = frontier.read_summary(connection)
        summary.failures, summary.failed = 1, {FIRST.url: "reset"}
        frontier.write_summary(connection, summary)
    again = open_frontier(database)
    assert end(again, database) == FIRST
    with database.transaction() as connection:
        assert again.read_summary(connection).failures == 0


def test_crawl_is_incremental_only_after_a_complete_one(database: Database) -> None:
    for complete, next_is_full in ((False, True), (True, False), (True, False), (False, True)):
        frontier = open_frontier(database)
        finish(frontier, database, complete)
        probe = open_frontier(database)
        assert probe.full == next_is_full
        with database.transaction() as connection:
            connection.execute(sa.text(f"DELETE FROM crawls WHERE id = {probe.crawl}"))  # noqa: S608
    assert open_frontier(database, full=True).full


def test_changed_plan_abandons_the_unfinished_crawl_and_is_full(
    database: Database,
) -> None:
    finish(open_frontier(database), database)
    begun = open_frontier(database)
    assert not begun.full
    add(begun, database, FIRST)
    other = open_frontier(database, plan="other")
    assert other.is_new
    assert other.full
    assert lease(begun, database) is None


def test_full_crawl_does_not_resume_an_incremental_one(database: Database) -> None:
    finish(open_frontier(database), database)
    begun = open_frontier(database)
    assert open_frontier(database).crawl == begun.crawl
    full = open_frontier(database, full=True)
    assert full.crawl != begun.crawl
    assert open_frontier(database).crawl == full.crawl


def test_crawl_ends_once(database: Database) -> None:
    with database.transaction() as connection:
        crawl = begin_crawl(connection, "f", "", full=True).id
        assert end_crawl(connection, crawl, complete=True)
        assert not end_crawl(connection, crawl, complete=True)
