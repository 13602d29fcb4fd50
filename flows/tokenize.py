"""Tokenization in chunks, which a task runner works on side by side."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed

from flows.stage import Output, stage
from flows.task_runner import task_runner, threads_of_a_piece
from pipeline.progress import track
from pipeline.settings import RunnerSettings, TokenizerSettings
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.remote import SharedFolder, cache_folder
from pipeline.storage.workspace import Workspace
from pipeline.tokenizer import chunks
from pipeline.tokenizer.factory import close_shared

EXAMPLES = "examples.parquet"
TOKENS = "tokens.parquet"


@task(task_run_name="tokens {rows.start}-{rows.stop}", cache_policy=NO_CACHE)
def tokenize_chunk(
    workspace: Workspace,
    labelled: Manifest,
    rows: range,
    settings: TokenizerSettings,
    memo: Path,
    workers: int | None,
) -> Manifest:
    """Tokenize some rows of the examples, unless an earlier run has done it."""
    key = stage_key(chunks.TOKENS_VERSION, labelled, settings, str(rows))
    if done := workspace.finished("chunks", key):
        return done
    chunks.tokenize_chunk(
        labelled.path(EXAMPLES),
        rows,
        workspace.folder("chunks", key) / TOKENS,
        settings,
        memo,
        workers,
    )
    return workspace.finish("chunks", key, [TOKENS], len(rows), {})


@task(task_run_name="tokens {rows.start}-{rows.stop}", cache_policy=NO_CACHE)
def tokenize_far_chunk(url: str, rows: range, settings: TokenizerSettings) -> int:
    """Do the same on a machine that reaches a shared folder alone; returns the number of rows."""
    shared, name = SharedFolder(url), _far(rows)
    if not shared.has(name):
        with tempfile.TemporaryDirectory() as folder, shared.open(EXAMPLES) as examples:
            made, memo = Path(folder) / TOKENS, cache_folder() / Workspace.MEMO
            chunks.tokenize_chunk(examples, rows, made, settings, memo, workers=1)
            shared.put(made, name)
    return len(rows)


@stage("tokens", version=chunks.TOKENS_VERSION)
def tokenize(
    folder: Path,
    labelled: Manifest,
    settings: TokenizerSettings,
    runner: RunnerSettings,
) -> Output:
    """Cut the examples into tokens."""
    pieces = chunks.chunks_of(labelled.path(EXAMPLES), settings.chunk_rows)
    make = _tokenize_far if runner.shared_url else _tokenize_here
    made = make(folder, labelled, pieces, settings, runner)
    details = chunks.join_chunks(made, folder / TOKENS)
    shutil.rmtree(folder / "chunks")
    return Output([TOKENS], details["rows"], details)


def _tokenize_here(
    folder: Path,
    labelled: Manifest,
    pieces: list[range],
    settings: TokenizerSettings,
    runner: RunnerSettings,
) -> list[Path]:
    """The file of each chunk; all workers write into the workspace."""
    given = {
        "workspace": Workspace(folder),
        "labelled": labelled,
        "settings": settings,
        "memo": folder.parent.parent / Workspace.MEMO,
        "workers": threads_of_a_piece(runner),
    }
    made = _side_by_side(tokenize_chunk, pieces, given, runner, labelled.rows)
    return [chunk.path(TOKENS) for chunk in made]


def _tokenize_far(
    folder: Path,
    labelled: Manifest,
    pieces: list[range],
    settings: TokenizerSettings,
    runner: RunnerSettings,
) -> list[Path]:
    """The file of each chunk, by way of a folder that other machines reach too."""
    url = f"{runner.shared_url}/tokens-{folder.name}"
    shared = SharedFolder(url)
    shared.put_files(labelled)
    given = {"url": url, "settings": settings}
    _side_by_side(tokenize_far_chunk, pieces, given, runner, labelled.rows)
    made = [folder / "chunks" / _far(rows) for rows in pieces]
    (folder / "chunks").mkdir(exist_ok=True)
    for path in made:
        shared.get(path.name, path)
    shared.remove()
    return made


def _side_by_side(
    piece: Task[..., Any],
    pieces: list[range],
    given: dict[str, Any],
    runner: RunnerSettings,
    rows: int,
) -> list[Any]:
    """What the task returns for each piece, in their order."""
    with task_runner(runner) as pool, track("tokenize", rows) as progress:
        try:
            futures = [pool.submit(piece, parameters={**given, "rows": one}) for one in pieces]
            rows_of = dict(zip(futures, pieces, strict=True))
            for future in as_completed(futures):
                future.result()
                progress.advance(len(rows_of[future]))
        except BaseException:
            close_shared()  # the pool would wait for the chunks under way
            raise
        return [future.result() for future in futures]


def _far(rows: range) -> str:
    return f"{rows.start}-{rows.stop}.parquet"
