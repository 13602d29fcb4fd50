"""Requests per second and latency of ``api`` with 200 concurrent clients, one text each.

Needs wrk (https://github.com/wg/wrk) on the path; Debian and Homebrew have it. Server and clients
share the machine. The model is trained on the demo reviews first, with MeCab, unless
``--workspace`` names a workspace; the texts are reviews of the test file. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conftest import MOVIES
from tests.flows.api import Api, serve_api

TEXTS = 5_000
WARM_UP_SECONDS = 3
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local bodies, asked = {}, 0
for line in io.lines("bodies.jsonl") do bodies[#bodies + 1] = line end
request = function()
  asked = asked % #bodies + 1
  return wrk.format(nil, "/predict", nil, bodies[asked])
end
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\\nRESULT {"requests": %d, "requests_per_second": %d, "p50_ms": %d, "p99_ms": %d, '
    .. '"errors": %d}\\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movies", type=Path, default=MOVIES, help="folder of the reviews")
    parser.add_argument("--workspace", type=Path, help="answer with the champion of this one")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=15)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: install the package wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_requests(folder, options.movies)
        if options.workspace:
            place = folder / "data" / "workspace"
            place.parent.mkdir()
            place.symlink_to(options.workspace.absolute())
        else:
            train(folder)
        with serve_api(folder) as api:
            load(folder, api.url, options.clients, WARM_UP_SECONDS)
            load_before, begun = os.getloadavg()[0], processor_seconds(api)
            measured = load(folder, api.url, options.clients, options.seconds)
            spent = processor_seconds(api) - begun
            known: dict[str, Any] = {
                "benchmark": "api",
                "cpus": len(os.sched_getaffinity(0)),
                "load_before": round(load_before, 1),
                "clients": options.clients,
                "model": api.get("/health").json()["model"],
            }
    measured["processor_ms_per_request"] = round(spent / measured.pop("requests") * 1e3, 2)
    print(json.dumps(known | measured))


def processor_seconds(api: Api) -> float:
    """Processor time that the server has taken, user and system, of all threads."""
    stat = Path(f"/proc/{api.process.pid}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def write_requests(folder: Path, movies: Path) -> None:
    """Write the script of wrk and the bodies of the requests."""
    (folder / "script.lua").write_text(SCRIPT, encoding="utf-8")
    with gzip.open(movies / "ratings_test.txt.gz", "rt", encoding="utf-8") as file:
        next(file)
        texts = [next(file).rstrip("\n").split("\t")[1] for _ in range(TEXTS)]
    bodies = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    (folder / "bodies.jsonl").write_text(bodies, encoding="utf-8")


def train(folder: Path) -> None:
    """Train a model of the default size on the demo reviews."""
    command = ("run", "--set", "tokenizer.name=mecab")
    subprocess.run(
        [sys.executable, "-m", "flows", *command], cwd=folder, check=True, capture_output=True
    )


def load(folder: Path, url: str, clients: int, seconds: int) -> dict[str, Any]:
    """Let wrk ask for some seconds; returns what its script prints."""
    wrk = ("wrk", "--threads", "1", "--connections", str(clients), "--duration", f"{seconds}s")
    ended = subprocess.run(
        [*wrk, "--timeout", "10s", "--script", "script.lua", url],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, Any] = json.loads(ended.stdout.partition("RESULT ")[2])
    return measured


if __name__ == "__main__":
    main()
