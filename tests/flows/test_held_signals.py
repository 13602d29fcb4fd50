"""A signal in the middle of a step that must be noted comes after it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows import leftovers
from flows.held_signals import held
from flows.server_process import PrefectServer, bind


class Interrupted(BaseException):
    """What the handler of these tests raises."""


@pytest.fixture
def _handler() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGTERM, interrupt)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_handler")
def test_the_signal_comes_after_the_block() -> None:
    steps = []

    def interrupted() -> None:
        with held():
            steps.append("begun")
            signal.raise_signal(signal.SIGTERM)
            steps.append("ended")

    with pytest.raises(Interrupted):
        interrupted()
    assert steps == ["begun", "ended"]
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)


def test_an_error_of_the_block_passes_and_handlers_return() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="mine"), held():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_is_left_alone() -> None:
    done = []

    def work() -> None:
        with held():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


@pytest.mark.usefixtures("_handler")
def test_a_server_interrupted_while_it_starts_leaves_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes when the process runs and its note is not yet written."""
    record = leftovers.record

    def interrupted(*arguments: Any) -> Path:
        signal.raise_signal(signal.SIGTERM)
        return record(*arguments)

    monkeypatch.setattr(leftovers, "record", interrupted)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    server = PrefectServer(bind("127.0.0.1", 0), "127.0.0.1", environment={})
    with pytest.raises(Interrupted):
        server.start()
    assert len(list((tmp_path / "servers").iterdir())) == 1
    server.kill()
    assert list((tmp_path / "servers").iterdir()) == []
