"""Tokenization in a run that is terminated and resumed."""

import contextlib
import csv
import os
import signal
import time
from pathlib import Path

import pytest

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.chunks import chunks_of, join_chunks, tokenize_chunk
from pipeline.tokenizer.factory import close_shared
from tests.commands import Command, start

MAX_TERMINATION_SECONDS = 20.0
SOURCE = ["--set", "source.kind=file", "--set", "source.path=reviews.csv"]


@pytest.fixture
def crawled(command: Command, tmp_path: Path) -> Path:
    """A workspace that takes Komoran some seconds to tokenize."""
    with (tmp_path / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "label"])
        for number in range(1_200):
            text = f"{number}동은 정말 살기 좋고 관리도 잘 되는 편이지만 주차가 아주 불편합니다"
            writer.writerow([text, number % 2])
    root = tmp_path / "workspace"
    answer = command("crawl", "--workspace", root, *SOURCE)
    assert answer.status == 0, answer.err
    return root


def prepare(root: Path, chunk_rows: int) -> list[str]:
    settings = ["tokenizer.name=komoran", f"tokenizer.chunk_rows={chunk_rows}"]
    changes = [part for one in settings for part in ("--set", one)]
    return ["prepare", "--workspace", str(root), *SOURCE, *changes]


def finished_chunks(root: Path) -> dict[Path, int]:
    """Finished chunks and their modification times in nanoseconds."""
    found = {}
    for manifest in (root / "tokens").glob("*/chunks/*/manifest.json"):
        with contextlib.suppress(FileNotFoundError):  # removed at the end of a run
            found[manifest.parent] = manifest.with_name("tokens.parquet").stat().st_mtime_ns
    return found


def terminate_during_tokenization(root: Path, chunks: int) -> dict[Path, int]:
    """Send SIGTERM after some chunks; check that the run and its Prefect server stop."""
    with start("", root.parent, *prepare(root, chunk_rows=200)) as process:
        while len(finished_chunks(root)) < chunks:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
        assert time.monotonic() - begun < MAX_TERMINATION_SECONDS, err
        assert process.returncode == 128 + signal.SIGTERM
        assert "error: interrupted; run the same command again" in err
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    return finished_chunks(root)


@pytest.mark.long
def test_terminated_run_keeps_its_chunks(
    crawled: Path, prefect_server: str, tmp_path: Path
) -> None:
    kept = terminate_during_tokenization(crawled, chunks=2)
    with start(prefect_server, tmp_path, *prepare(crawled, chunk_rows=200)) as process:
        seen: dict[Path, int] = {}
        while process.poll() is None:
            seen |= finished_chunks(crawled)
            time.sleep(0.05)
        assert process.returncode == 0, process.communicate()[1]
    assert kept.items() <= seen.items() and len(kept) < len(seen)
    assert not finished_chunks(crawled)

    (examples,) = (crawled / "examples").glob("*/examples.parquet")
    (tokens,) = (crawled / "tokens").glob("*/tokens.parquet")
    whole, settings = tmp_path / "whole.parquet", TokenizerSettings(name="komoran")
    (rows,) = chunks_of(examples, 10_000)
    tokenize_chunk(examples, rows, whole, settings, tmp_path, workers=1)
    join_chunks([whole], tmp_path / "tokens.parquet", settings)
    close_shared()
    assert tokens.read_bytes() == (tmp_path / "tokens.parquet").read_bytes()
