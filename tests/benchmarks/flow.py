"""Overhead of the flow over its stages, and time of an unchanged second run.

Runs the demo twice in one new workspace, then once in another by calling the same functions
directly, without Prefect; repeats this ``--runs`` times. Prints one JSON line: median seconds of
the runs, of their stages alone, and the difference, which is the flow's overhead: start-up of
Python and Prefect, the temporary server, tasks and the check of cached files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    taken: dict[str, list[dict[str, float]]] = {"first": [], "second": [], "direct": []}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("first", "second"):
                taken[name].append(run("flows", "run", "--workspace", folder))
        with tempfile.TemporaryDirectory() as folder:
            taken["direct"].append(run("tests.benchmarks.flow_direct", folder))
    pairs = zip(taken["first"], taken["direct"], strict=True)
    overhead = [first["seconds"] - direct["seconds"] for first, direct in pairs]
    medians = {
        name: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
        for name, runs in taken.items()
    }
    print(
        json.dumps(
            {
                "benchmark": "flow",
                "cpus": len(os.sched_getaffinity(0)),
                **medians,
                "stages_ratio": round(medians["second"]["stages"] / medians["first"]["stages"], 3),
                "flow_over_direct_seconds": round(statistics.median(overhead), 1),
                "spread": [round(min(overhead), 1), round(max(overhead), 1)],
            }
        )
    )


def run(*module: str) -> dict[str, float]:
    """Run a module; return the seconds of the process, of its stages, and the difference."""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", *module], check=True, capture_output=True, text=True
    )
    seconds = time.monotonic() - started
    stages = sum(map(float, re.findall(r": done in ([\d.]+) s", ended.stderr)))
    stages += sum(map(float, re.findall(r" in ([\d.]+) s$", ended.stderr.split("examples")[0])))
    return {
        "seconds": round(seconds, 1),
        "stages": round(stages, 1),
        "flow": round(seconds - stages, 1),
    }


if __name__ == "__main__":
    main()
