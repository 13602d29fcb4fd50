"""Seconds and peak memory of finding the topics of film reviews, beyond their prediction.

Whole reviews are answered, and words tagged, before the clock starts: a run has done both by then.
Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.arrays import Floats
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import predict_reviews
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor
from pipeline.settings import CleanSettings, LabelSettings, TokenizerSettings
from pipeline.stages.topics import even_answers, word_tagger
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.storage.workspace import Workspace
from pipeline.topics.analysis import analyse
from pipeline.topics.reading import read_documents, write_mentions
from pipeline.topics.words import find_words
from tests.conftest import MOVIES

GROUPS = 200
DAYS = 1_000


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--reviews", type=int, default=50_000)
    parser.add_argument("--tagger", default="okt")
    parser.add_argument("--workspace", type=Path, help="its champion judges, not the starter")
    options = parser.parse_args()
    predictor = _predictor(options.workspace)

    def answers(texts: Sequence[str]) -> Floats:
        return predictor.target.even_positive(predictor.predict(texts))

    with tempfile.TemporaryDirectory() as folder:
        reviews, sentiment = Path(folder) / "reviews.parquet", Path(folder) / "sentiment.parquet"
        _write(reviews, options.movies, options.reviews)
        started = time.monotonic()
        predict_reviews(reviews, sentiment, predictor)
        spent = time.monotonic() - started
        tag = word_tagger(TokenizerSettings(name=options.tagger), Path(folder), None)
        started, used = time.monotonic(), time.process_time()
        positive = even_answers(sentiment, predictor.target)
        documents, count = read_documents(reviews, LabelSettings(), CleanSettings(), positive)
        reading, cpu = time.monotonic() - started, time.process_time() - used
        started = time.monotonic()
        tag(find_words(documents.texts).types)
        tagging = time.monotonic() - started
        started, used = time.monotonic(), time.process_time()
        found = analyse(documents, tag, options.tagger, answers, reviews=count)
        write_mentions(Path(folder) / "mentions.parquet", documents, found)
        json_bytes = len(found.report.to_json())
        seconds, cpu = time.monotonic() - started, cpu + time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    figures = {
        "reviews": count,
        "sampled": found.report.sampled,
        "topics": len(found.report.topics),
        "mentions": len(found.mentions.topics),
        "seconds": reading + seconds,
        "processor_seconds": cpu,
        "seconds_of_reading": reading,
        "seconds_of_answering_whole_reviews": spent,
        "seconds_of_tagging": tagging,
        "peak_mb": peak,
        "json_mb": json_bytes / 2**20,
    }
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


def _predictor(workspace: Path | None) -> TextPredictor:
    if workspace is None:
        return StarterPredictor()
    known = Workspace(workspace)
    return Predictor(Registry(known).champion_model(), known.memo_folder)


def _write(path: Path, movies: Path, count: int) -> None:
    """A snapshot of unlabelled reviews, repeated if there are too few, with made-up groups."""
    with gzip.open(movies / "unlabeled.txt.gz", "rt", encoding="utf-8") as file:
        texts = [line.strip() for line in itertools.islice(file, count)]
    texts = list(itertools.islice(itertools.cycle(texts), count))
    generator = np.random.default_rng(0)
    groups = generator.integers(GROUPS, size=count).astype(str).tolist()
    days = np.datetime64("2024-01-01") + generator.integers(DAYS, size=count)
    blank = [""] * count
    columns = {
        "source": ["films"] * count,
        "review_id": [str(number) for number in range(count)],
        "text": texts,
        "group": groups,
        "group_name": groups,
        "aspect": blank,
        "date": days.astype(str).tolist(),
        "rating": generator.integers(1, 6, size=count).astype(float),
        "label": [None] * count,
        "aspect_ratings": ["{}"] * count,
        "held_out": [False] * count,
        "by_hand": [False] * count,
    }
    pq.write_table(pa.table(columns, schema=REVIEWS_SCHEMA), path)


if __name__ == "__main__":
    main()
