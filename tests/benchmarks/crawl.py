"""Pages per second and peak memory of a crawl, compared with Scrapy on the same site.

Both crawl the movie reviews from a local server without delay. Runs alternate, each in its own
process. With ``--targets`` it crawls that many targets of one page each instead, and 1,000 of them
before, to compare the peak memory. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.crawl_site import CELL
from tests.benchmarks.crawl_targets import source as source_of_targets
from tests.benchmarks.process import measure
from tests.conftest import MOVIES

FEW_TARGETS = 1_000
PROGRAMS = {"ours": "tests.pipeline.crawl.once", "scrapy": "tests.benchmarks.crawl_scrapy"}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--shape", choices=["list", "api"], default="list")
    parser.add_argument("--reviews", type=int, default=60_000)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=list(PROGRAMS), help="run only this crawler")
    parser.add_argument("--targets", type=int, help="number of targets to crawl instead")
    options = parser.parse_args()
    if options.targets:
        print(json.dumps(crawl_targets(options.targets, options.connections)))
        return
    reviews = options.movies / "site_reviews.jsonl.gz"
    if not reviews.is_file():
        parser.error(f"no such file: {reviews}; name its folder with --movies")
    programs = [options.only] if options.only else list(PROGRAMS)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
    with serve("tests.benchmarks.crawl_site", reviews, options.reviews) as url:
        settings = json.dumps(source(options.shape, url, options.connections))
        for _ in range(options.runs):
            for name in programs:
                runs[name].append(run(name, settings))
    result: dict[str, Any] = {
        "benchmark": "crawl",
        "shape": options.shape,
        "reviews": options.reviews,
        "connections": options.connections,
        "cpus": len(os.sched_getaffinity(0)),
    }
    for name, measured in runs.items():
        result[name] = {
            key: [round(one[key], 1) for one in measured] for key in ("pages_per_second", "peak_mb")
        }
    if len(programs) > 1:
        for key in ("pages_per_second", "peak_mb"):
            ours, theirs = (statistics.median(one[key] for one in runs[n]) for n in PROGRAMS)
            result[f"{key}_ratio"] = round(ours / theirs, 2)
    print(json.dumps(result))


def source(shape: str, url: str, connections: int) -> dict[str, Any]:
    """Source settings of both crawlers."""
    fetch = {"delay": 0, "connections": connections, "private_hosts": ["127.0.0.1"]}
    if shape == "api":
        return {"kind": "zigbang", "base_url": url, "cells": [CELL], "fetch": fetch}
    fields = {"id": "@data-id", "text": "p.text", "rating": ".score", "date": "time",
              "group": ".film"}  # fmt: skip
    return {
        "kind": "html", "url": f"{url}/list?page=1", "item": "li.review", "fields": fields,
        "paging": {"link": "a.next"}, "fetch": fetch,
    }  # fmt: skip


@contextmanager
def serve(module: str, *arguments: object) -> Iterator[str]:
    """Serve a site in a subprocess; yields its address."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def crawl_targets(most: int, connections: int) -> dict[str, Any]:
    """Pages per second and peak memory by number of targets, up to ``most``."""
    result: dict[str, Any] = {"benchmark": "crawl of targets", "connections": connections}
    with serve("tests.benchmarks.crawl_targets") as url, tempfile.TemporaryDirectory() as folder:
        targets = Path(folder) / "targets.txt"
        for count in sorted({min(FEW_TARGETS, most), most}):
            targets.write_text("\n".join(map(str, range(count))), encoding="utf-8")
            described = json.dumps(source_of_targets(url, str(targets), connections))
            load = os.getloadavg()[0]
            measured = run("ours", described)
            rounded = {key: round(value, 1) for key, value in measured.items()}
            result[str(count)] = rounded | {"load": round(load, 1)}
    return result


def run(name: str, settings: str) -> dict[str, float]:
    """Crawl once; return pages per second over the whole process, and its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "reviews.db" if name == "ours" else folder
        done = measure(PROGRAMS[name], settings, where)
    return {
        "pages_per_second": json.loads(done.out)["pages"] / done.seconds,
        "peak_mb": done.peak_mb,
    }


if __name__ == "__main__":
    main()
