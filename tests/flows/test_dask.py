"""Chunks on the processes of a Dask cluster give what threads give."""

from __future__ import annotations

import csv
import socket
from pathlib import Path

import pytest
from distributed import LocalCluster

from tests.commands import Command
from tests.flows.own import options, rated, write_own

DASK = ("runner.kind=dask", "runner.workers=2")


def tokens(folder: Path) -> bytes:
    (path,) = folder.glob("data/workspace/tokens/*/tokens.parquet")
    return path.read_bytes()


def test_tokens_and_predictions_are_those_of_threads(
    shell: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ours, theirs = tmp_path_factory.mktemp("threads"), tmp_path_factory.mktemp("dask")
    for folder, runner in ((ours, ()), (theirs, DASK)):
        write_own(folder, rated())
        for command in ("crawl", "prepare"):
            answer = shell(folder, command, *options("tokenizer.chunk_rows=100", *runner))
            assert answer.status == 0, answer.err
    assert tokens(ours) == tokens(theirs)

    assert shell(ours, "train", *options("tokenizer.chunk_rows=100")).status == 0
    with (ours / "new.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(f"{text[:20]} {number}",) for number in range(35) for text, _ in rated()]
        csv.writer(file).writerows([("review",), *rows[:10], ("",), *rows[10:]])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = ("--set", f"runner.address={cluster.scheduler_address}")
        on_dask = (*(part for one in DASK for part in ("--set", one)), *address)
        for output, changes in (("threads.csv", ()), ("dask.csv", on_dask)):
            answer = shell(ours, "predict", "new.csv", "--output", output, *changes)
            assert answer.status == 0, answer.err
            assert "21,001 rows" in answer.err
    assert (ours / "threads.csv").read_bytes() == (ours / "dask.csv").read_bytes()


def test_a_scheduler_that_does_not_answer_is_named(command: Command, tmp_path: Path) -> None:
    write_own(tmp_path, rated())
    assert command("crawl", *options()).status == 0
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
    answer = command("prepare", *options("runner.kind=dask", f"runner.address={address}"))
    assert answer.status == 2
    assert answer.error == (
        f"no Dask scheduler answers at {address}; "
        "start one with `dask scheduler` or leave runner.address empty\n"
    )
