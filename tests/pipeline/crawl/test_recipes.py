"""The recipes of `docs/recipes.md` against servers that answer as the documented APIs do."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.crawl.run import crawl
from pipeline.errors import FetchError
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import HtmlSource, JsonSource, load_settings
from pipeline.storage.database import Database
from tests.docs import CONFIGS
from tests.pipeline.crawl import owners
from tests.site import Site

KEY, SECRET = "ck-31-hidden", "cs-64-hidden"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WC_KEY", KEY)
    monkeypatch.setenv("WC_SECRET", SECRET)


def recipe(site: Site, folder: Path, name: str, *overrides: str) -> JsonSource | HtmlSource:
    """A recipe of the docs, for a local server and a local command that prints a token."""
    text = CONFIGS[name]
    url = next(line for line in text.splitlines() if line.startswith("url ="))
    parts = urlsplit(url.partition('"')[2])
    text = text.replace(f"{parts.scheme}://{parts.netloc}", site.url)
    (folder / name).write_text(text, encoding="utf-8")
    changes = ["source.fetch.delay=0", 'source.fetch.private_hosts=["127.0.0.1"]', *overrides]
    if "token_command" in text:
        program = f"print({owners.TOKEN!r})"
        changes.append(f'source.fetch.token_command=["{sys.executable}", "-c", "{program}"]')
    source = load_settings(config=folder / name, environment={}, overrides=changes).source
    assert isinstance(source, JsonSource | HtmlSource)
    return source


def stored(store: Store, source: JsonSource | HtmlSource) -> dict[str, Review]:
    return {one.review_id: one for batch in store.read(source.store_name) for one in batch}


@pytest.mark.parametrize("end", ["empty", "400"])
@pytest.mark.parametrize("count", [230, 200])
def test_woocommerce(site: Site, store: Store, tmp_path: Path, end: str, count: int) -> None:
    pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    source = recipe(site, tmp_path, "woocommerce.toml", "source.fetch.max_tries=2")
    asked = owners.publish_woocommerce(site, count, f"Basic {pair}", end=end)
    first = crawl(source, store)
    assert (first.reviews, first.notices, first.failures) == ({"new": count}, [], 0)
    found = stored(store, source)
    assert found["7"] == Review(
        source="우리 쇼핑몰",
        review_id="7",
        text="<p>7번째 상품평입니다</p>\n",
        rating=3,
        date="2025-01-08",
        group="21",
        group_name="머그컵",
    )
    assert set(site.pages()) == set(asked)
    owners.publish_woocommerce(site, count + 3, f"Basic {pair}", end=end)
    second = crawl(source, store)
    assert (second.full, second.reviews) == (False, {"new": 3, "known": 97})
    assert site.pages() == asked[:1]


@pytest.mark.parametrize(
    ("name", "publish", "targets", "page_size"),
    [
        ("app-store-connect.toml", owners.publish_connect, ["1234567890"], 200),
        ("play-developer.toml", owners.publish_play, ["com.example.app"], 100),
        ("business-profile.toml", owners.publish_places, ["987654321", "987654322"], 50),
    ],
)
def test_api_with_a_token(
    site: Site,
    store: Store,
    tmp_path: Path,
    name: str,
    publish: Callable[[Site, str, int], None],
    targets: list[str],
    page_size: int,
) -> None:
    count = 2 * page_size + 30
    source = recipe(site, tmp_path, name)
    for target in targets:
        publish(site, target, count)
    first = crawl(source, store)
    assert (first.notices, first.failures, first.unread) == ([], 0, {})
    found = stored(store, source)
    assert len(found) + first.skipped.get("no text", 0) == count * len(targets)
    assert {one.group for one in found.values()} == set(targets)
    assert {one.rating for one in found.values()} == {1, 2, 3, 4, 5}
    assert all(one.date for one in found.values())
    assert {one.group_name for one in found.values()} <= {"우리 앱", "강남점", "홍대점"}
    site.pages()
    for target in targets:
        publish(site, target, count + 2)
    second = crawl(source, store)
    new = [one for one in stored(store, source) if one not in found]
    assert second.reviews["new"] == len(new) == len(targets) * (1 if page_size == 50 else 2)
    asked = len(site.pages())
    assert asked == len(targets) * (2 if page_size == 50 else 1)


@pytest.mark.parametrize(
    ("name", "publish", "target"),
    [
        ("app-store-connect.toml", owners.publish_connect, "1234567890"),
        ("play-developer.toml", owners.publish_play, "com.example.app"),
        ("business-profile.toml", owners.publish_places, "987654321"),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_short_list_of_an_api_with_a_token(
    site: Site,
    store: Store,
    tmp_path: Path,
    name: str,
    publish: Callable[[Site, str, int], None],
    target: str,
    count: int,
) -> None:
    publish(site, target, count)
    source = recipe(site, tmp_path, name, f'source.targets=["{target}"]')
    summary = crawl(source, store)
    read = len(stored(store, source)) + summary.skipped.get("no text", 0)
    assert (read, summary.notices, summary.failures) == (count, [], 0)


def test_texts_of_the_apis(site: Site, store: Store, tmp_path: Path) -> None:
    texts = {}
    for name, publish, target, review_id in (
        ("app-store-connect.toml", owners.publish_connect, "1234567890", "00000028-000000000002"),
        ("play-developer.toml", owners.publish_play, "com.example.app", "gp:2"),
        ("business-profile.toml", owners.publish_places, "987654321", "r2"),
    ):
        publish(site, target, 5)
        source = recipe(site, tmp_path, name, f'source.targets=["{target}"]')
        crawl(source, store)
        one = stored(store, source)[f"{target}:{review_id}"]
        texts[name] = (one.text.strip(), one.rating, one.date)
    assert texts == {
        "app-store-connect.toml": ("제목 2\n1234567890 앱 2번째 리뷰", 3, "2025-01-04"),
        "play-developer.toml": ("com.example.app 2번째 평가", 3, "2026-09-22"),
        "business-profile.toml": ("987654321호점 2번째 방문", 3, "2025-01-03"),
    }


def test_feed_as_xml(site: Site, store: Store, tmp_path: Path) -> None:
    app = "362057947"
    owners.publish_feed(site, app, range(120, 0, -1))
    source = recipe(site, tmp_path, "app-store-xml.toml")
    first = crawl(source, store)
    assert (first.reviews, first.notices, first.failures) == ({"new": 120}, [], 0)
    assert stored(store, source)[f"{app}:900007"] == Review(
        source="App Store",
        review_id=f"{app}:900007",
        text="제목 & 7\n7번째 리뷰",
        rating=3,
        date="2025-01-08",
        group=app,
        group_name="카카오톡",
    )
    site.pages()
    owners.publish_feed(site, app, range(123, 0, -1))
    assert crawl(source, store).reviews == {"new": 3, "known": 97}
    assert len(site.pages()) == 2


def test_thirty_apps_one_of_which_fails(site: Site, tmp_path: Path) -> None:
    apps = [f"com.example.app{number}" for number in range(30)]
    for app in apps:
        owners.publish_play(site, app, 12)
    broken = f"/androidpublisher/v3/applications/{apps[17]}/reviews?maxResults=100"
    site.answers[broken] = owners.answer({"error": "quotaExceeded"}, f"Bearer {owners.TOKEN}", 403)
    listed = ", ".join(f'"{app}"' for app in apps)
    source = recipe(site, tmp_path, "play-developer.toml", f"source.targets=[{listed}]")
    where = tmp_path / "store" / "reviews.db"
    where.parent.mkdir()
    with Database(where) as database:
        store = Store(database)
        with pytest.raises(FetchError) as caught:
            crawl(source, store)
        assert str(caught.value).startswith(f"1 page failed, the first {apps[17]}: ")
        assert "quotaExceeded" in str(caught.value)
        assert len(stored(store, source)) == 29 * 12
        site.pages()
        owners.publish_play(site, apps[17], 12)
        second = crawl(source, store)
        assert second.reviews == {"new": 12, "known": 29 * 12}
        assert len(stored(store, source)) == 30 * 12
    written = b"".join(one.read_bytes() for one in where.parent.iterdir())
    assert written
    assert owners.TOKEN.encode() not in written
    assert owners.TOKEN not in str(caught.value)
