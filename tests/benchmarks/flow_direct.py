"""The end-to-end flow as plain functions, without Prefect: one demo run.

``python -m tests.benchmarks.flow_direct WORKSPACE``
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from pipeline.settings import load_settings
from pipeline.stages.end_to_end import run_pipeline
from pipeline.storage.workspace import Workspace


def main() -> None:
    """Run the stages."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    workspace = Workspace(Path(sys.argv[1]))
    workspace.check()
    run_pipeline(workspace, load_settings())


if __name__ == "__main__":
    main()
