"""Crawls with Scrapy: ``python -m tests.benchmarks.crawl_scrapy SETTINGS FOLDER``.

Uses this project's page parsers, obeys robots.txt, persists the queue in a job folder and writes
the reviews as JSON lines.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import scrapy
from pydantic import TypeAdapter
from scrapy.crawler import CrawlerProcess

from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.html import HtmlSite
from pipeline.crawl.sites.zigbang import ZigbangSite
from pipeline.settings import HtmlSource, Source


class ReviewSpider(scrapy.Spider):
    """Spider that follows the same requests as this project's crawl."""

    name = "reviews"

    def __init__(self, site: HtmlSite | ZigbangSite) -> None:
        super().__init__()
        self.site = site
        self.pages = 0

    async def start(self) -> Any:
        """Yield the start requests."""
        for request in self.site.start():
            yield self.request(request)

    def request(self, request: Request) -> scrapy.Request:
        """Convert a request to Scrapy's."""
        return scrapy.Request(request.url, self.parse, cb_kwargs={"request": vars(request)})

    def parse(self, response: Any, request: dict[str, Any]) -> Iterator[Any]:
        """Yield the reviews and further requests of a page."""
        self.pages += 1
        parsed = self.site.parse(Request(**request), Page(url=response.url, text=response.text))
        for review in parsed.reviews:
            yield vars(review)
        for following in [*parsed.requests, *([parsed.next_page] if parsed.next_page else [])]:
            yield self.request(following)


def main(settings: str, folder: str) -> None:
    """Crawl the whole site and print the counts."""
    source: Any = TypeAdapter(Source).validate_json(settings)
    kind = HtmlSite if isinstance(source, HtmlSource) else ZigbangSite
    connections = source.fetch.connections
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": connections,
            "CONCURRENT_REQUESTS_PER_DOMAIN": connections,
            "DOWNLOAD_DELAY": 0,
            "JOBDIR": str(Path(folder) / "job"),
            "FEEDS": {str(Path(folder) / "reviews.jsonl"): {"format": "jsonlines"}},
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    crawler = process.create_crawler(ReviewSpider)
    process.crawl(crawler, site=kind(source, today=date(2026, 1, 1)))
    process.start()
    with (Path(folder) / "reviews.jsonl").open(encoding="utf-8") as lines:
        reviews = sum(1 for _ in lines)
    spider: Any = crawler.spider
    print(json.dumps({"pages": spider.pages, "reviews": reviews}))


if __name__ == "__main__":
    main(*sys.argv[1:])
