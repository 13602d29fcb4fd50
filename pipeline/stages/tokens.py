"""Tokenization in chunks, several in parallel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.progress import track
from pipeline.settings import RunnerSettings, TokenizerSettings
from pipeline.stages.runner import PoolOpener
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.remote import SharedFolder, cache_folder
from pipeline.storage.workspace import Workspace
from pipeline.tokenizer import chunks
from pipeline.tokenizer.factory import close_shared

CALL_NAME = "tokens {rows.start}-{rows.stop}"


@stage("tokens", version=chunks.TOKENS_VERSION)
def tokenize(
    folder: Path,
    examples: Manifest,
    settings: TokenizerSettings,
    *,
    runner: RunnerSettings,
    open_pool: PoolOpener,
    memo: Path,
) -> Output:
    """Tokenize the examples.

    Args:
        folder: Where the tokens are written.
        examples: Has the file ``examples.parquet``.
        settings: Tagger, options and filters.
        runner: Whether the pool's workers can access the workspace, or only a shared folder.
        open_pool: Opens the workers, each of which tokenizes one chunk at a time.
        memo: Folder of the on-disk cache of tagger output per word.
    """
    pieces = chunks.chunks_of(examples.path(names.EXAMPLES), settings.chunk_rows)
    if runner.shared_url:
        files = _tokenize_remotely(folder, examples, pieces, settings, runner.shared_url, open_pool)
    else:
        given = {
            "workspace": Workspace(folder),
            "examples": examples,
            "settings": settings,
            "memo": memo,
            "workers": 1 if runner.kind == "dask" else runner.workers,
        }
        done = _call_for_each(open_pool, tokenize_chunk, pieces, given, examples.rows)
        files = [chunk.path(names.TOKENS) for chunk in done]
    details = chunks.join_chunks(files, folder / names.TOKENS, settings)
    shutil.rmtree(folder / "chunks")
    return Output([names.TOKENS], details["rows"], details)


def tokenize_chunk(
    workspace: Workspace,
    examples: Manifest,
    rows: range,
    settings: TokenizerSettings,
    memo: Path,
    workers: int | None,
) -> Manifest:
    """Tokenize some rows of the examples, unless an interrupted run has already done so."""
    key = stage_key(chunks.TOKENS_VERSION, examples, settings, str(rows))
    if done := workspace.finished("chunks", key):
        return done
    output = workspace.folder("chunks", key) / names.TOKENS
    chunks.tokenize_chunk(examples.path(names.EXAMPLES), rows, output, settings, memo, workers)
    return workspace.finish("chunks", key, [names.TOKENS], len(rows), {})


def tokenize_remote_chunk(url: str, rows: range, settings: TokenizerSettings) -> int:
    """Same as :func:`tokenize_chunk`, on a machine with access only to a shared folder.

    Returns the number of rows.
    """
    shared, name = SharedFolder(url), _remote_name(rows)
    if not shared.has(name):
        with tempfile.TemporaryDirectory() as folder, shared.open(names.EXAMPLES) as examples:
            output, memo = Path(folder) / names.TOKENS, cache_folder() / Workspace.MEMO
            chunks.tokenize_chunk(examples, rows, output, settings, memo, workers=1)
            shared.put(output, name)
    return len(rows)


def _tokenize_remotely(
    folder: Path,
    examples: Manifest,
    pieces: list[range],
    settings: TokenizerSettings,
    shared_url: str,
    open_pool: PoolOpener,
) -> list[Path]:
    """Tokenize on remote workers; return the file of each chunk, fetched from a shared folder."""
    url = f"{shared_url}/tokens-{folder.name}"
    shared = SharedFolder(url)
    shared.put_files(examples)
    given = {"url": url, "settings": settings}
    _call_for_each(open_pool, tokenize_remote_chunk, pieces, given, examples.rows)
    files = [folder / "chunks" / _remote_name(rows) for rows in pieces]
    (folder / "chunks").mkdir(exist_ok=True)
    for path in files:
        shared.get(path.name, path)
    shared.remove()
    return files


def _call_for_each(
    open_pool: PoolOpener,
    function: Callable[..., Any],
    pieces: list[range],
    given: dict[str, Any],
    rows: int,
) -> list[Any]:
    """The function's result for each piece, in the order of the pieces."""
    results: list[Any] = [None] * len(pieces)
    calls = [{**given, "rows": piece} for piece in pieces]
    with open_pool() as workers, track("tokenize", rows) as progress:
        try:
            for index, result in workers.each(function, calls, name=CALL_NAME):
                results[index] = result
                progress.advance(len(pieces[index]))
        except BaseException:
            close_shared()  # otherwise, leaving the pool waits for the chunks in progress
            raise
    return results


def _remote_name(rows: range) -> str:
    return f"{rows.start}-{rows.stop}.parquet"
