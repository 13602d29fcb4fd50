"""What the flow costs beside its stages, and an unchanged run beside the first.

Runs the demo twice in one new workspace. Prints one JSON line: the seconds of both runs, of their
stages alone, and what is left, which is the flow's own: Prefect's start, its temporary server, its
tasks and the check of cached files.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = run(folder), run(folder)
    print(
        json.dumps(
            {
                "benchmark": "flow",
                "cpus": len(os.sched_getaffinity(0)),
                "first": first,
                "second": second,
                "stages_ratio": round(second["stages"] / first["stages"], 3),
            }
        )
    )


def run(folder: str) -> dict[str, float]:
    """Seconds of a run, and of the stages in it."""
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "flows", "run", "--workspace", folder],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.monotonic() - begun
    stages = sum(map(float, re.findall(r": done in ([\d.]+) s", ended.stderr)))
    stages += sum(map(float, re.findall(r" in ([\d.]+) s$", ended.stderr.split("examples")[0])))
    return {
        "seconds": round(seconds, 1),
        "stages": round(stages, 1),
        "flow": round(seconds - stages, 1),
    }


if __name__ == "__main__":
    main()
