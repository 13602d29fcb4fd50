"""Time and peak memory of tokenization, vocabulary and encoding by the number of short reviews.

Reviews are five random real words each. Each size runs in its own process. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.prepare.encode import encode_dataset
from pipeline.prepare.token_counts import count_tokens
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import EncodeSettings, TokenizerSettings, VocabularySettings
from pipeline.storage.schemas import EXAMPLES_SCHEMA, ROW_GROUP
from pipeline.tokenizer import chunks
from tests.benchmarks.process import measure
from tests.benchmarks.tokenize import read_reviews
from tests.conftest import MOVIES

WORDS = 50_000
WORDS_IN_A_REVIEW = 5


def main() -> None:
    """Run the benchmark, or one size of it in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--reviews", type=int, nargs="+", default=[500_000, 5_000_000])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        with tempfile.TemporaryDirectory() as folder:
            prepare(options.reviews[0], options.movies, Path(folder))
        return
    result = {"benchmark": "tokenize_many", "cpus": len(os.sched_getaffinity(0))}
    for reviews in options.reviews:
        result[f"{reviews}"] = run(reviews, options.movies)
    print(json.dumps(result))


def run(reviews: int, movies: Path) -> dict[str, float]:
    """Measure one size; return seconds and peak memory."""
    done = measure(
        "tests.benchmarks.tokenize_many",
        *("--here", "--movies", movies, "--reviews", str(reviews)),
    )
    return {"seconds": round(done.seconds, 1), "peak_mb": round(done.peak_mb)}


def prepare(reviews: int, movies: Path, folder: Path) -> None:
    """Run the stages from texts to sequences."""
    examples, tokens = folder / "examples.parquet", folder / "tokens.parquet"
    write_examples(examples, reviews, movies)
    settings = TokenizerSettings()
    pieces = []
    for rows in chunks.chunks_of(examples, settings.chunk_rows):
        pieces.append(folder / f"{rows.start}.parquet")
        chunks.tokenize_chunk(examples, rows, pieces[-1], settings, folder)
    chunks.join_chunks(pieces, tokens, settings)
    vocabulary = Vocabulary.from_counts(count_tokens(examples, tokens), VocabularySettings())
    encode_dataset(examples, tokens, vocabulary, folder, EncodeSettings())


def write_examples(path: Path, reviews: int, movies: Path) -> None:
    """Write reviews of random real words."""
    generator = random.Random(1)  # noqa: S311
    real = read_reviews(movies / "ratings_train.txt.gz")
    words = sorted({word for text in real for word in text.split()})
    words = generator.sample(words, WORDS)
    with pq.ParquetWriter(path, EXAMPLES_SCHEMA) as writer:
        for start in range(0, reviews, ROW_GROUP):
            rows = range(start, min(start + ROW_GROUP, reviews))
            writer.write_table(
                pa.Table.from_pylist(
                    [
                        {
                            "id": str(row),
                            "text": " ".join(generator.choices(words, k=WORDS_IN_A_REVIEW)),
                            "label": row % 2,
                            "split": ("test", "validation", *["train"] * 8)[row % 10],
                        }
                        for row in rows
                    ],
                    EXAMPLES_SCHEMA,
                )
            )


if __name__ == "__main__":
    main()
