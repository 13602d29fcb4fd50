"""One crawl in a separate process: ``python -m tests.pipeline.crawl.once SETTINGS DATABASE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.crawl import run as sources
from pipeline.errors import ReviewSentimentError
from pipeline.reviews.store import Store
from pipeline.settings import Source
from pipeline.storage.database import Database


def main(settings: str, where: str) -> int:
    """Crawl; prints the summary as JSON, or an error and returns 1."""
    url: Path | str = where if where.startswith("postgresql:") else Path(where)
    described: Source = TypeAdapter(Source).validate_json(settings)
    try:
        with Database(url) as database:
            print(json.dumps(sources.crawl(described, Store(database)).as_dict()))
    except ReviewSentimentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
