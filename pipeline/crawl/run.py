"""Entry points of the crawl stage: check a source, crawl it into the store."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipeline.crawl.demo_site import serve_demo_site
from pipeline.crawl.engine import Crawl
from pipeline.crawl.history import begin_crawl, end_crawl
from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.queue import Begun
from pipeline.crawl.sites.app_store import AppStoreSite
from pipeline.crawl.sites.base import Site
from pipeline.crawl.sites.file import check_file, read_reviews
from pipeline.crawl.sites.file_labels import choose_scheme
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.sites.html import HtmlSite
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.crawl.sites.row_ids import RowIds
from pipeline.crawl.sites.steam import SteamSite
from pipeline.crawl.sites.zigbang import ZigbangSite
from pipeline.crawl.skipped import Skipped
from pipeline.crawl.source_names import hide_secrets, take_over
from pipeline.crawl.summary import CrawlSummary
from pipeline.crawl.targets import each_target
from pipeline.errors import SettingsError
from pipeline.reviews.store import Store
from pipeline.settings import (
    AppStoreSource,
    DemoSource,
    FetchSettings,
    FileSource,
    HtmlSource,
    JsonSource,
    SiteSource,
    Source,
    SteamSource,
    ZigbangSource,
)
from pipeline.settings.targets import TargetSection

logger = logging.getLogger(__name__)

PLAN_VERSION = 5
NOT_OF_THE_PLAN = {
    "fetch",
    "look_back",
    "max_pages",
    "max_failed_pages",
    "max_deleted_share",
    "name",
    "targets",
}
"""Settings that affect neither which pages exist nor how they are parsed.

``max_pages`` is part of the plan nevertheless: a crawl with another maximum reads all pages."""


def check_source(settings: Source) -> None:
    """Validate a source before a run, without network access.

    Raises:
        SourceError: A file does not exist, lacks a column or has labels without a clear meaning.
        SettingsError: A CSS selector or the JSON body is invalid, an environment variable that the
            settings name is not set, or ``source.fetch.contact`` is missing for a public site.
    """
    if isinstance(settings, FileSource):
        for path in settings.paths:
            check_file(path, settings)
        choose_scheme(settings, quiet=True)
    elif not isinstance(settings, DemoSource):
        Credentials.of(settings)
        first = next(iter(site_of(settings).start()))
        host = urlsplit(first.url).hostname
        if not settings.fetch.contact and host not in settings.fetch.private_hosts:
            raise SettingsError(
                f"source.fetch.contact is not set: give an e-mail address or URL where the owner "
                f"of {host} can reach you, with --set source.fetch.contact=..."
            )


def crawl(
    settings: Source,
    store: Store,
    *,
    full: bool = False,
    yes_delete: bool = False,
    author_key: str = "",
) -> CrawlSummary:
    """Crawl a source into the store.

    Reviews of a site are stored page by page. A file is read in one transaction; reviews that it
    no longer contains are marked as deleted.

    Args:
        settings: The source.
        store: Store to write to.
        full: Fetch every page of a site instead of only pages with new reviews.
        yes_delete: Mark deleted reviews even if they exceed ``source.max_deleted_share``.
        author_key: Key for pseudonyms of authors; empty to not store authors.

    Returns:
        The summary of the crawl.

    Raises:
        SourceError: The source does not match its settings.
        FetchError: A page could not be fetched.
        WorkspaceError: The store cannot be written.
    """
    if isinstance(settings, FileSource):
        return _crawl_files(settings, store)
    if isinstance(settings, DemoSource):
        with serve_demo_site() as demo:
            fetch = FetchSettings(delay=0, private_hosts=(urlsplit(demo.url).hostname or "",))
            api = ZigbangSource(
                kind="zigbang", name="demo", base_url=demo.url, cells=demo.cells, fetch=fetch
            )
            plan = plan_of(settings, has_authors=bool(author_key))  # the demo's port is random
            return open_crawl(
                api, store, full=full, yes_delete=yes_delete, author_key=author_key, plan=plan
            ).run()
    return open_crawl(
        settings, store, full=full, yes_delete=yes_delete, author_key=author_key
    ).run()


def groups_of(settings: Source) -> set[str] | None:
    """The groups of a source with targets (the store may contain others); None for all groups."""
    if isinstance(settings, TargetSection) and settings.has_targets:
        return {target.id for target in each_target(settings.targets)}
    return None


def open_crawl(
    settings: SiteSource,
    store: Store,
    *,
    full: bool = False,
    yes_delete: bool = False,
    author_key: str = "",
    begun: Begun | None = None,
    shares: int = 1,
    plan: str = "",
) -> Crawl:
    """The crawl of a site, for callers that run its steps themselves.

    Args:
        settings: The site.
        store: See :func:`crawl`.
        full: See :func:`crawl`.
        yes_delete: See :func:`crawl`.
        author_key: See :func:`crawl`.
        begun: See :class:`~pipeline.crawl.engine.Crawl`.
        shares: See :class:`~pipeline.crawl.engine.Crawl`.
        plan: By default :func:`plan_of` these settings.
    """
    if begun is None:
        hide_secrets(store)
        take_over(store, settings)
    author = Pseudonym(author_key.encode()) if author_key else None
    return Crawl(
        site_of(settings, author),
        settings,
        store,
        plan=plan or plan_of(settings, has_authors=bool(author)),
        full=full,
        yes_delete=yes_delete,
        begun=begun,
        shares=shares,
    )


def plan_of(settings: SiteSource | DemoSource, *, has_authors: bool) -> str:
    """Hash of the settings that determine which pages are read and how they are parsed."""
    described = settings.model_dump(mode="json", exclude=NOT_OF_THE_PLAN - {"max_pages"})
    if isinstance(settings, SiteSource) and (settings.fetch.headers or settings.fetch.query):
        described["sent"] = settings.fetch.model_dump(mode="json", include={"headers", "query"})
    plan = json.dumps([PLAN_VERSION, described, has_authors], sort_keys=True)
    return hashlib.sha256(plan.encode()).hexdigest()


def site_of(settings: SiteSource, author: Pseudonym | None = None) -> Site:
    """The site of a source.

    Args:
        settings: The source.
        author: Creates pseudonyms of authors; None to leave authors out.
    """
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    if isinstance(settings, HtmlSource):
        return HtmlSite(settings, today=today, author=author)
    if isinstance(settings, SteamSource):
        return SteamSite(settings.as_json(), today=today, author=author)
    if isinstance(settings, AppStoreSource):
        return AppStoreSite(settings.as_json(), today=today, author=author)
    if isinstance(settings, JsonSource):
        return JsonSite(settings, today=today, author=author)
    return ZigbangSite(settings, today=today, author=author)


def _crawl_files(settings: FileSource, store: Store) -> CrawlSummary:
    summary = CrawlSummary([settings.store_name])
    files = {summary.sources[0]: settings.path}
    if settings.test_path:
        summary.held_out = settings.test_name
        summary.sources.append(summary.held_out)
        files[summary.held_out] = settings.test_path
    labels = choose_scheme(settings)
    for source, path in files.items():
        skipped, values = Skipped(), FileValues(settings, path, summary)
        row_ids = RowIds.of_store(store, source)
        batches = read_reviews(path, source, settings, skipped, labels, values, row_ids)
        with store.database.transaction() as connection:
            crawl = begin_crawl(connection, source, plan="", full=True).id
            for batch in batches:
                summary.add_saved(store.save(connection, source, batch, crawl))
            deleted = store.mark_deleted(connection, source, crawl)
            summary.add("reviews", Counter({"deleted": deleted} if deleted else {}))
            end_crawl(connection, crawl, complete=True)
        summary.add_skipped(skipped)
    for notice in summary.notices:
        logger.warning("%s", notice)
    logger.info("%s", summary)
    return summary
