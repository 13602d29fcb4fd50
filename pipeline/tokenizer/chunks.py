"""The tokens stage: tokenizes ``examples.parquet`` in chunks of rows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DataError
from pipeline.settings import TokenizerSettings
from pipeline.storage.files import atomic_path
from pipeline.storage.schemas import ROW_GROUP, TOKENS_SCHEMA
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.factory import shared_tokenizer

logger = logging.getLogger(__name__)

TOKENS_VERSION = 3

_CUTS = b"cuts"
"""Key in the metadata of a chunk's schema: the words that were too long for the tagger."""


def chunks_of(examples: Path, chunk_rows: int) -> list[range]:
    """Divide the rows of ``examples.parquet`` into ranges of at most ``chunk_rows``."""
    rows = pq.read_metadata(examples).num_rows
    return [range(first, min(first + chunk_rows, rows)) for first in range(0, rows, chunk_rows)]


def tokenize_chunk(
    examples: Path | IO[bytes],
    rows: range,
    output: Path,
    settings: TokenizerSettings,
    memo: Path,
    workers: int | None = None,
) -> None:
    """Tokenize some rows of ``examples.parquet`` and write them as Parquet.

    Args:
        examples: The whole file; only the row groups with these rows are read.
        rows: Range of row indices.
        output: File to write, with the columns of ``tokens.parquet``.
        settings: Tagger, options and filters.
        memo: Folder of Okt's word cache.
        workers: Threads of the tokenizer, which all chunks of this process share; None uses one
            per core.

    Raises:
        RunError: The Java virtual machine cannot start or lacks memory, or a worker died.
        SettingsError: The tagger's package is not installed.
    """
    tokenizer = shared_tokenizer(settings, memo, workers)
    texts = _read_texts(examples, rows)
    cuts = Cuts()
    tokens = pa.array(tokenizer.tokenize(texts, cuts), TOKENS_SCHEMA.field("tokens").type)
    schema = TOKENS_SCHEMA.with_metadata({_CUTS: json.dumps(asdict(cuts))})
    with atomic_path(output) as temporary:
        pq.write_table(pa.table([tokens], schema=schema), temporary)


def join_chunks(
    chunks: Sequence[Path], output: Path, settings: TokenizerSettings
) -> dict[str, Any]:
    """Concatenate chunks into ``tokens.parquet``.

    The bytes of the file do not depend on the chunk size.

    Args:
        chunks: Files of :func:`tokenize_chunk`, in the order of the rows.
        output: File to write.
        settings: Tagger, options and filters that made the tokens.

    Returns:
        The number of ``rows`` and of ``tokens``.

    Raises:
        DataError: No text has a token.
    """
    counts = {"rows": 0, "tokens": 0}
    cuts = Cuts()
    for chunk in chunks:
        cuts.merge(Cuts(**json.loads(pq.read_schema(chunk).metadata[_CUTS])))
    cuts.log(settings.name)
    with atomic_path(output) as temporary, pq.ParquetWriter(temporary, TOKENS_SCHEMA) as writer:
        for group in _row_groups(_batches(chunks)):
            writer.write_table(group, row_group_size=ROW_GROUP)
            counts["rows"] += group.num_rows
            counts["tokens"] += len(group["tokens"].combine_chunks().flatten())
        if counts["rows"] and not counts["tokens"]:
            raise DataError(_no_tokens(counts["rows"], settings))
    logger.info("tokenized %s texts into %s tokens", f"{counts['rows']:,}", f"{counts['tokens']:,}")
    return counts


def _no_tokens(rows: int, settings: TokenizerSettings) -> str:
    filters = ("keep_tags", "drop_tags", "stop_words")
    used = [f"tokenizer.{name}" for name in filters if getattr(settings, name)]
    found = f"none of the {rows:,} texts has a token of {settings.name}"
    if used:
        return f"{found} that passes {' and '.join(used)}: change or unset them"
    return f"{found}: check that the source's text column holds words"


def _batches(chunks: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for chunk in chunks:
        with pq.ParquetFile(chunk, pre_buffer=False) as file:
            yield from file.iter_batches(ROW_GROUP)


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Regroup batches into tables of ``ROW_GROUP`` rows; the last may be smaller."""
    rest = TOKENS_SCHEMA.empty_table()
    for batch in batches:
        rest = pa.concat_tables([rest, pa.Table.from_batches([batch])])
        while rest.num_rows >= ROW_GROUP:
            yield rest.slice(0, ROW_GROUP).combine_chunks()
            rest = rest.slice(ROW_GROUP)
    if rest.num_rows:
        yield rest.combine_chunks()


def _read_texts(examples: Path | IO[bytes], rows: range) -> list[str]:
    """Read the texts of some rows from the row groups that contain them."""
    texts: list[str] = []
    first = 0
    with pq.ParquetFile(examples, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            begin, end = max(rows.start - first, 0), min(rows.stop - first, size)
            if begin < end:
                column = file.read_row_group(group, columns=["text"])["text"]
                texts += column.slice(begin, end - begin).to_pylist()
            first += size
    return texts
