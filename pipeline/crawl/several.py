"""Several sources, crawled one after the other; one that fails does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from pipeline.crawl.summary import CrawlSummary, of_all
from pipeline.errors import FetchError, SourceError
from pipeline.settings import Source

logger = logging.getLogger(__name__)


def crawl_each(
    sources: Sequence[Source], crawl_one: Callable[[Source], CrawlSummary]
) -> CrawlSummary:
    """Crawl sources; one that fails does not stop the others.

    Args:
        sources: The sources.
        crawl_one: Crawls one of them.

    Returns:
        The summary of a single source, or of all sources together.

    Raises:
        FetchError: Some of several sources failed. What was fetched is stored.
    """
    if len(sources) == 1:
        return crawl_one(sources[0])
    summaries: list[CrawlSummary] = []
    failed: dict[str, str] = {}
    for source in sources:
        name = source.store_name
        logger.info("source %s", name)
        try:
            summaries.append(crawl_one(source))
        except (FetchError, SourceError) as error:
            failed[name] = str(error)
            logger.error("source %s failed: %s", name, error)
    if failed:
        (name, reason), *others = failed.items()
        also = f"; also failed: {', '.join(name for name, _ in others)}" if others else ""
        raise FetchError(
            f"{len(failed)} of {len(sources)} sources failed, the first {name}: {reason}{also}; "
            "fetched reviews are stored, run the same command again to retry"
        )
    found = of_all(summaries)
    logger.info("%d sources: %s", len(sources), found)
    return found
