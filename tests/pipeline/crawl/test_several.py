"""Several sources, one store, one snapshot."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.errors import FetchError, SettingsError
from pipeline.reviews.store import Store
from pipeline.settings import Settings
from pipeline.stages.crawl import crawl, crawl_source, last_snapshot
from pipeline.stages.inputs import check_inputs
from pipeline.storage import names
from pipeline.storage.database import Database
from pipeline.storage.workspace import Workspace
from tests.pipeline.crawl.endings import answer
from tests.site import Answer, Site

FETCH = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}


def shop(site: Site, name: str, **changes: Any) -> dict[str, Any]:
    """A JSON source with a list of its own."""
    return {
        "kind": "json",
        "name": name,
        "url": f"{site.url}/{name}",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": "rating"},
        "fetch": FETCH,
        **changes,
    }


def publish(site: Site, name: str, count: int, path: str = "") -> None:
    reviews = [
        {"id": number, "text": f"{name} {number}", "rating": 1 + number % 5}
        for number in range(count, 0, -1)
    ]
    site.answers[f"/{path or name}"] = answer(reviews=reviews)


def table(path: Path, name: str, first: str) -> Path:
    rows = "".join(f"{first} {number},{number % 2}\n" for number in range(4))
    (path / name).write_text(f"document,label\n{rows}", encoding="utf-8")
    return path / name


def test_reviews_of_all_sources_are_one_snapshot(
    site: Site, workspace: Workspace, tmp_path: Path
) -> None:
    publish(site, "shop", 3)
    publish(site, "pages", 2, "pages/a")
    own = {
        "kind": "file",
        "name": "survey",
        "path": table(tmp_path, "own.csv", "설문"),
        "test_path": table(tmp_path, "test.csv", "시험"),
    }
    places = shop(site, "pages", url=f"{site.url}/pages/{{target}}", targets=["a"])
    settings = Settings.model_validate({"sources": [shop(site, "shop"), places, own]})
    check_inputs(settings)
    snapshot = crawl(workspace, settings)
    rows = pq.read_table(snapshot.path(names.REVIEWS)).to_pylist()
    counted = {
        source: sum(row["source"] == source for row in rows)
        for source in ("shop", "pages", "survey", "test survey")
    }
    assert counted == {"shop": 3, "pages": 2, "survey": 4, "test survey": 4}
    assert {row["source"] for row in rows if row["held_out"]} == {"test survey"}
    assert {row["group"] for row in rows if row["source"] == "pages"} == {"a"}
    assert snapshot.details["reviews"] == {"new": 13}
    assert [one["sources"][0] for one in snapshot.details["by_source"]] == [
        "shop", "pages", "survey",
    ]  # fmt: skip
    assert [one["reviews"]["new"] for one in snapshot.details["by_source"]] == [3, 2, 8]
    assert last_snapshot(workspace, settings).digest == snapshot.digest
    publish(site, "shop", 4)
    assert crawl(workspace, settings).details["reviews"] == {"new": 1, "known": 13}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Answer(status=500), "status 500"),
        (answer(other=[]), "expected a list at 'reviews'"),
    ],
)
def test_source_that_fails_does_not_stop_the_others(
    site: Site, workspace: Workspace, caplog: pytest.LogCaptureFixture, fault: Answer, reason: str
) -> None:
    caplog.set_level(logging.INFO)
    for name in ("first", "third"):
        publish(site, name, 3)
    site.answers["/second"] = fault
    described = [shop(site, name) for name in ("first", "second", "third")]
    settings = Settings.model_validate({"sources": described})
    with pytest.raises(FetchError) as caught:
        crawl_source(workspace, settings, full=False)
    assert str(caught.value).startswith("1 of 3 sources failed, the first second: ")
    assert reason in str(caught.value)
    with Database(workspace.store_path) as database:
        store = Store(database)
        assert [sum(map(len, store.read(name))) for name in ("first", "second", "third")] == [
            3, 0, 3,
        ]  # fmt: skip
    publish(site, "second", 2)
    assert crawl(workspace, settings).rows == 8


def test_check_names_the_source(site: Site) -> None:
    described = [shop(site, "a"), shop(site, "b", fetch={"delay": 0})]
    settings = Settings.model_validate({"sources": described})
    with pytest.raises(SettingsError, match=r"^sources\.1 \(b\): source\.fetch\.contact is not"):
        check_inputs(settings)
