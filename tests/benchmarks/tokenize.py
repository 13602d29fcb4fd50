"""Speed, memory and tokens of each tagger, compared with a plain loop over the tagger's package.

Runs alternate, each in its own process; Okt also runs with a filled word cache. The
out-of-vocabulary rate is that of the last fifth of the reviews for a vocabulary of the 20,000 most
frequent tokens of the others. ``--accuracy`` also trains the same networks on each tagger's
tokens, ``--options`` compares the tokens of all reviews for each combination of Okt's options.
Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.process import measure
from tests.benchmarks.tokenize_accuracy import accuracy
from tests.conftest import MOVIES

REVIEWS = {"okt": 50_000, "komoran": 50_000, "hannanum": 4_000, "kkma": 1_000, "mecab": 50_000,
           "kiwi": 50_000}  # fmt: skip
"""Number of test reviews for each tagger: about 20 seconds of the plain loop."""
VOCABULARY = 20_000


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--taggers", nargs="+", choices=list(REVIEWS), default=list(REVIEWS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--quality-reviews", type=int, default=20_000, help="number of reviews for token statistics"
    )
    parser.add_argument(
        "--options", action="store_true", help="compare each combination of Okt's options"
    )
    parser.add_argument(
        "--accuracy", type=int, default=0, metavar="REVIEWS", help="train on this many"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    if not options.movies.is_dir():
        parser.error(f"no such folder: {options.movies}; name yours with --movies")
    reviews = read_reviews(options.movies / "ratings_test.txt.gz")
    result: dict[str, Any] = {"benchmark": "tokenize", "cpus": len(os.sched_getaffinity(0))}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.taggers:
            result[name] = compare_with_plain_loop(name, reviews, options.runs, Path(folder))
            result[name] |= quality(name, reviews[: options.quality_reviews], Path(folder))
            if options.accuracy:
                result[name]["accuracy"] = accuracy(
                    name, options.movies, options.accuracy, options.seeds
                )
        if options.options:
            result["options"] = identical_for_each_option(reviews, Path(folder))
    print(json.dumps(result))


def read_reviews(path: Path) -> list[str]:
    """Read the texts of a movie review file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[1] for line in itertools.islice(file, 1, None)]


def compare_with_plain_loop(
    name: str, reviews: list[str], runs: int, folder: Path
) -> dict[str, Any]:
    """Reviews per second and peak memory of both, and number of reviews with identical tokens."""
    some = reviews[: REVIEWS[name]]
    measured: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    if name == "okt":
        measured["ours again"] = []
    for run in range(runs):
        for program, figures in measured.items():
            memo = folder / f"memo {run}"
            figures.append(
                tokenize_in_process(program, {"name": name}, some, folder / program, memo)
            )
    result: dict[str, Any] = {"reviews": len(some)}
    for program, figures in measured.items():
        rates = [len(some) / one["seconds"] for one in figures]
        result[program] = {
            "reviews_per_second": [round(rate) for rate in rates],
            "peak_mb": round(max(one["peak_mb"] for one in figures)),
        }
        if program != "plain":
            ratios = [
                p["seconds"] / o["seconds"] for p, o in zip(measured["plain"], figures, strict=True)
            ]
            result[program]["ratio"] = round(statistics.median(ratios), 2)
            result[program]["ratio_spread"] = [round(min(ratios), 2), round(max(ratios), 2)]
    return result | {"identical": identical(folder / "plain", folder / "ours")}


def quality(name: str, reviews: list[str], folder: Path) -> dict[str, Any]:
    """Mean number of tokens per review, and the out-of-vocabulary rate."""
    tokenize_in_process("ours", {"name": name}, reviews, folder / "quality", folder / "memo 0")
    tokens = list(read_tokens(folder / "quality"))
    first, last = tokens[: len(tokens) * 4 // 5], tokens[len(tokens) * 4 // 5 :]
    counts = Counter(itertools.chain.from_iterable(first))
    known = {token for token, _ in counts.most_common(VOCABULARY)}
    held_out = list(itertools.chain.from_iterable(last))
    return {
        "tokens_per_review": round(statistics.mean(map(len, tokens)), 1),
        "out_of_vocabulary": round(sum(t not in known for t in held_out) / len(held_out), 4),
    }


def identical_for_each_option(reviews: list[str], folder: Path) -> dict[str, str]:
    """Number of reviews with KoNLPy's tokens, for each combination of Okt's options."""
    result = {}
    for norm, stem, pos in itertools.product([False, True], repeat=3):
        settings = {"name": "okt", "norm": norm, "stem": stem, "pos": pos}
        for program in ("plain", "ours"):
            tokenize_in_process(program, settings, reviews, folder / program, None)
        same = identical(folder / "plain", folder / "ours")
        result[f"norm={norm:d} stem={stem:d} pos={pos:d}"] = f"{same} of {len(reviews)}"
    return result


def tokenize_in_process(
    program: str, settings: dict[str, Any], reviews: list[str], output: Path, memo: Path | None
) -> dict[str, float]:
    """Tokenize the reviews in a subprocess; return its seconds and peak memory."""
    texts = output.with_suffix(".txt")
    texts.write_text("\n".join(reviews), encoding="utf-8")
    done = measure(
        "tests.benchmarks.tokenize_once",
        *(program.split()[0], json.dumps(settings), texts, output, memo or ""),
    )
    return {"seconds": json.loads(done.out)["seconds"], "peak_mb": done.peak_mb}


def identical(one: Path, other: Path) -> int:
    """Number of reviews with identical tokens in both files."""
    return sum(a == b for a, b in zip(read_tokens(one), read_tokens(other), strict=True))


def read_tokens(path: Path) -> Iterator[list[str]]:
    """Yield the tokens of each review."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main()
