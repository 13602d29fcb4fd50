"""Tokenization in chunks, which a task runner works on side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed

from flows.runner import task_runner, threads_of_a_piece
from flows.stage import Output, stage
from pipeline.progress import track
from pipeline.settings import RunnerSettings, TokenizerSettings
from pipeline.tokenizer import chunks
from pipeline.tokenizer.choose import close_shared
from pipeline.workspace import Manifest, Workspace, stage_key


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
    key = stage_key(chunks.VERSION, labelled, settings, str(rows))
    if done := workspace.finished("chunks", key):
        return done
    chunks.tokenize_chunk(
        labelled.path("examples.parquet"),
        rows,
        workspace.folder("chunks", key) / "tokens.parquet",
        settings,
        memo,
        workers,
    )
    return workspace.finish("chunks", key, ["tokens.parquet"], len(rows), {})


@stage("tokens", version=chunks.VERSION)
def tokenize(
    folder: Path,
    labelled: Manifest,
    settings: TokenizerSettings,
    runner: RunnerSettings,
) -> Output:
    """Cut the examples into tokens."""
    workspace = Workspace(folder)
    memo = folder.parent.parent / Workspace.MEMO
    pieces = chunks.chunks_of(labelled.path("examples.parquet"), settings.chunk_rows)
    with task_runner(runner) as pool, track("tokenize", labelled.rows) as progress:
        try:
            futures = [
                pool.submit(
                    tokenize_chunk,
                    parameters={
                        "workspace": workspace,
                        "labelled": labelled,
                        "rows": rows,
                        "settings": settings,
                        "memo": memo,
                        "workers": threads_of_a_piece(runner),
                    },
                )
                for rows in pieces
            ]
            for future in as_completed(futures):
                progress.advance(future.result().rows)
        except BaseException:
            close_shared()  # the pool would wait for the chunks under way
            raise
        made = [future.result() for future in futures]
    details = chunks.join_chunks(
        (chunk.path("tokens.parquet") for chunk in made), folder / "tokens.parquet"
    )
    shutil.rmtree(workspace.root / "chunks")
    return Output(["tokens.parquet"], details["rows"], details)
