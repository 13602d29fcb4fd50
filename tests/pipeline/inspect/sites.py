"""Inspects addresses of tests, and crawls with the settings that are suggested."""

import json
import tomllib
from pathlib import Path
from typing import Any

from pipeline.crawl.run import crawl
from pipeline.inspect.address import inspect_address
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource, load_settings
from pipeline.storage.database import Database
from tests.site import Answer, Site


def address(site: Site, path: str) -> JsonSource:
    fetch = {"delay": 0, "private_hosts": ["127.0.0.1"], "bearer": "geheim"}
    values = {"kind": "json", "url": site.url + path, "fields": {"text": "t", "rating": ""}}
    return JsonSource.model_validate({**values, "fetch": fetch})


def suggested(site: Site, path: str = "/reviews") -> dict[str, Any]:
    """The source that is suggested for an address."""
    source: dict[str, Any] = tomllib.loads(inspect_address(address(site, path)).toml)["source"]
    return source


def fields_of(site: Site, page: str | list[Any] | dict[str, Any]) -> dict[str, str]:
    """The fields that are suggested for a page, or for JSON."""
    written = page if isinstance(page, str) else json.dumps(page, ensure_ascii=False)
    site.answers["/reviews"] = Answer(written)
    fields: dict[str, str] = suggested(site)["fields"]
    return fields


def crawled(toml: str, folder: Path) -> list[tuple[str, float | None, str]]:
    """Texts, ratings and dates that a crawl with the suggested settings stores."""
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    settings = load_settings(config=folder / "site.toml")
    with Database(folder / "reviews.db") as database:
        store = Store(database)
        crawl(settings.source, store)
        found = [one for batch in store.read(settings.source.store_name) for one in batch]
    return sorted((one.text, one.rating, one.date) for one in found)
