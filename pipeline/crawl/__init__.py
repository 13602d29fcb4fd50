"""Reviews from the world into the store, and a snapshot of them for the other stages."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.crawl.demo_site import serve_demo_site
from pipeline.crawl.fetch import Fetcher
from pipeline.crawl.file import check_file, read_reviews
from pipeline.crawl.html import crawl_html
from pipeline.crawl.zigbang import crawl_zigbang
from pipeline.records import REVIEWS
from pipeline.settings import (
    DemoSource,
    FetchSettings,
    FileSource,
    HtmlSource,
    Source,
    ZigbangSource,
)
from pipeline.store import Store
from pipeline.workspace import atomic_path

logger = logging.getLogger(__name__)

VERSION = 1


@dataclass
class CrawlSummary:
    """What a crawl did.

    Attributes:
        sources: Names under which the store keeps the reviews; the first is not held out.
        held_out: Name of the source that only the test may see, empty without one.
        reviews: Number of reviews read, aspects with a text of their own among them.
        requests: Number of HTTP requests.
        skipped: Rows that could not be used, by reason.
    """

    sources: list[str]
    held_out: str = ""
    reviews: int = 0
    requests: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def check_source(settings: Source) -> None:
    """See what can be seen of a source before a run starts.

    Raises:
        SourceError: A file is missing or lacks a column.
    """
    if isinstance(settings, FileSource):
        for path in (settings.path, settings.test_path):
            if path is not None:
                check_file(path, settings.columns)


def crawl(settings: Source, store: Store) -> CrawlSummary:
    """Read all reviews of a source into the store.

    A site's reviews are stored page by page; a file's replace those of its last reading at once.

    Raises:
        SourceError: The source cannot be read as the settings describe it.
        FetchError: A page could not be fetched.
    """
    if isinstance(settings, FileSource):
        return _crawl_files(settings, store)
    if isinstance(settings, DemoSource):
        with serve_demo_site() as site:
            zigbang = ZigbangSource(
                kind="zigbang", base_url=site.url, cells=site.cells, fetch=FetchSettings(delay=0)
            )
            return _crawl_site(zigbang, "demo", site.url, store)
    if isinstance(settings, ZigbangSource):
        name = f"zigbang:{urlsplit(settings.base_url).netloc}"
        return _crawl_site(settings, name, settings.base_url, store)
    return _crawl_site(settings, f"html:{settings.url}", settings.url, store)


def _crawl_site(
    settings: ZigbangSource | HtmlSource, source: str, origin: str, store: Store
) -> CrawlSummary:
    summary, begun = CrawlSummary([source]), time.monotonic()
    with Fetcher(origin, settings.fetch) as fetcher:
        pages = (
            crawl_html(settings, source, fetcher)
            if isinstance(settings, HtmlSource)
            else crawl_zigbang(settings, source, fetcher)
        )
        for reviews in pages:
            summary.reviews += store.upsert(reviews)
        summary.requests = fetcher.requests
    logger.info(
        "crawled %d reviews in %d requests, %.1f s",
        summary.reviews, summary.requests, time.monotonic() - begun,
    )  # fmt: skip
    return summary


def _crawl_files(settings: FileSource, store: Store) -> CrawlSummary:
    summary = CrawlSummary([f"file:{settings.path.name}"])
    files = {summary.sources[0]: settings.path}
    if settings.test_path:
        summary.held_out = f"test file:{settings.test_path.name}"
        summary.sources.append(summary.held_out)
        files[summary.held_out] = settings.test_path
    for source, path in files.items():
        batches = read_reviews(path, source, settings.columns, summary.skipped)
        summary.reviews += store.replace(source, batches)
    logger.info("read %d reviews, skipped %d rows", summary.reviews, summary.skipped.total())
    return summary


def write_snapshot(store: Store, summary: CrawlSummary, path: Path) -> int:
    """Write the reviews of a crawl's sources as ``reviews.parquet``; returns their number.

    The same reviews give the same bytes, whatever the order they were crawled in.
    """
    rows = 0
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, REVIEWS) as writer:
        for source in summary.sources:
            for batch in store.read(source):
                columns: dict[str, list[Any]] = {name: [] for name in REVIEWS.names}
                for review in batch:
                    row = {
                        **vars(review),
                        "aspect_ratings": json.dumps(review.aspect_ratings, ensure_ascii=False),
                        "held_out": source == summary.held_out,
                    }
                    for name, values in columns.items():
                        values.append(row[name])
                writer.write_table(pa.table(columns, schema=REVIEWS))
                rows += len(batch)
    return rows
