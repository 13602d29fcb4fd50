"""Time and memory of predictions: one text in a new process, one after the other, a table.

Trains a small network on 5,000 film reviews first (``--workspace`` keeps it). Measured, in turn:

* ``table``: ``predict FILE`` of the film test reviews, with an empty cache of words and with one
  that knows them, in texts per second of the whole process;
* ``cold``: ``predict --text`` in ten new processes, of the trained model whose cache knows the
  words, and of the starter: median wall-clock seconds and peak memory;
* ``in_process``: milliseconds per text of a loaded model, texts one by one;
* ``notebook_texts_per_second``: the usual notebook on a part of the same reviews.

Prints one JSON line. It says nothing about accuracy. This process stays small, because the peak
memory of a child is never below that of its parent.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.process import measure
from tests.processes import ROOT

MOVIES = ROOT.parent / "shared" / "data" / "naver_movies"
TRAINED_ON = 5_000
PROCESSES = 10
ONE_BY_ONE = 1_000
TEXT = "연기도 좋고 이야기도 좋았는데 결말이 조금 아쉬웠어요"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the film reviews")
    parser.add_argument("--tagger", default="okt", help="tokenizer.name")
    parser.add_argument("--rows", type=int, default=50_000, help="reviews of the table")
    parser.add_argument("--notebook-rows", type=int, default=5_000)
    parser.add_argument("--workspace", type=Path, help="keep the workspace here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(options, options.workspace or Path(folder) / "workspace", Path(folder))
    print(json.dumps({"benchmark": "predict", "cpus": len(os.sched_getaffinity(0)), **found}))


def run(options: argparse.Namespace, workspace: Path, folder: Path) -> dict[str, Any]:
    """Train if need be, and measure."""
    if not (workspace / "models.json").exists():
        fit(workspace, options, folder)
    with gzip.open(options.movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        texts = [line.split("\t")[1] for line in itertools.islice(file, 1, options.rows + 1)]
    table = {cache: predict_table(workspace, folder, texts, cache) for cache in ("empty", "warm")}
    of_notebook = write(folder / "notebook.txt", texts[: options.notebook_rows])
    one_by_one = write(folder / "one.txt", texts[:ONE_BY_ONE])
    once = "tests.benchmarks.predict_once"
    rate = json.loads(measure(once, "notebook", workspace, of_notebook).out)
    return {
        "tagger": options.tagger,
        "rows": len(texts),
        "table": table,
        "cold": {"trained": cold(workspace), "starter": cold(folder / "new")},
        "in_process": json.loads(measure(once, "one", workspace, one_by_one).out),
        "notebook_texts_per_second": rate,
        "ratio": {name: round(one["texts_per_second"] / rate, 2) for name, one in table.items()},
    }


def fit(workspace: Path, options: argparse.Namespace, folder: Path) -> None:
    """Train a network of the default size for an epoch."""
    with gzip.open(options.movies / "ratings_train.txt.gz", "rt", encoding="utf-8") as file:
        head = write(
            folder / "train.tsv",
            [line.rstrip("\n") for line in itertools.islice(file, TRAINED_ON + 1)],
        )
    settings = ("source.kind=file", f"source.path={head}", f"tokenizer.name={options.tagger}")
    overrides = [part for one in (*settings, "train.epochs=1") for part in ("--set", one)]
    for command in ("crawl", "train"):
        measure("flows", "--workspace", workspace, command, *overrides)


def predict_table(workspace: Path, folder: Path, texts: list[str], cache: str) -> dict[str, float]:
    """The whole command."""
    table = write(folder / "table.tsv", ["document", *texts])
    if cache == "empty":
        shutil.rmtree(workspace / "memo", ignore_errors=True)
    output = folder / "answers.tsv"
    ended = measure("flows", "--workspace", workspace, "predict", table, "--output", output)
    rate = round(len(texts) / ended.seconds)
    return {"texts_per_second": rate, "peak_mb": round(ended.peak_mb)}


def cold(workspace: Path) -> dict[str, float]:
    """One text in a new process."""
    asked = ("flows", "--workspace", workspace, "predict", "--text", TEXT)
    measure(*asked)  # its words are in the cache now
    ended = [measure(*asked) for _ in range(PROCESSES)]
    return {
        "seconds": round(statistics.median(one.seconds for one in ended), 2),
        "peak_mb": round(statistics.median(one.peak_mb for one in ended)),
    }


def write(path: Path, lines: list[str]) -> Path:
    """Write lines."""
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
