"""Many targets in one source: each with a list, a look-back and a completeness of its own."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.crawl.run import check_source, crawl, open_crawl
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.errors import FetchError, SettingsError, SourceError
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import HtmlSource, JsonSource, Settings, StoreSettings, load_settings
from pipeline.stages.crawl import take_snapshot
from pipeline.storage.database import Database
from pipeline.storage.workspace import Workspace
from tests.site import Answer, Site

PER_PAGE = 10
FETCH = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}


def source(site: Site, targets: Any, **changes: Any) -> JsonSource:
    """Lists of products, with the page in the path."""
    described: dict[str, Any] = {
        "kind": "json",
        "url": f"{site.url}/products/{{target}}/page/{{page}}",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": "rating"},
        "paging": {"kind": "page"},
        "targets": targets,
        "look_back": 5,
        "fetch": FETCH,
        **changes,
    }
    return JsonSource.model_validate(described)


def publish(site: Site, target: str, first: int, last: int) -> None:
    """Serve reviews with ids ``last`` down to ``first`` on pages of ``PER_PAGE``, then an end."""
    ids = list(range(last, first - 1, -1))
    for number in range(len(ids) // PER_PAGE + 2):
        part = ids[PER_PAGE * number : PER_PAGE * (number + 1)]
        items = [{"id": n, "text": f"{target}의 {n}번째 후기", "rating": 1 + n % 5} for n in part]
        site.answers[path(target, number + 1)] = Answer(json.dumps({"reviews": items}))


def path(target: str, number: int) -> str:
    return f"/products/{target}/page/{number}"


def stored(store: Store, name: str) -> dict[str, list[Review]]:
    """The reviews of a source, by group."""
    found: dict[str, list[Review]] = {}
    for batch in store.read(name):
        for review in batch:
            found.setdefault(review.group, []).append(review)
    return found


def test_each_target_is_a_group_with_a_look_back_of_its_own(site: Site, store: Store) -> None:
    publish(site, "a", 1, 25)
    publish(site, "b", 1, 25)
    settings = source(site, {"a": "가 상품", "b": ""})
    assert crawl(settings, store).reviews == {"new": 50}
    pages = [path(target, number) for target in "ab" for number in (1, 2, 3, 4)]
    assert site.requests == ["/robots.txt", *pages]  # a cursor may expire while others are read
    found = stored(store, f"json:{site.url}/products/{{target}}/page/{{page}}")
    assert {group: len(reviews) for group, reviews in found.items()} == {"a": 25, "b": 25}
    assert {review.group_name for review in found["a"]} == {"가 상품"}
    assert {review.review_id for review in found["b"]} == {f"b:{n}" for n in range(1, 26)}
    set(site.pages())
    publish(site, "b", 1, 37)
    assert crawl(settings, store).reviews == {"new": 12, "known": 18}
    assert set(site.pages()) == {path("a", 1), path("b", 1), path("b", 2)}


def test_a_target_that_fails_does_not_stop_the_others(site: Site, database: Database) -> None:
    store = Store(database)
    targets = {str(n): f"{n}번 상품" for n in range(1, 31)}
    for target in targets:
        publish(site, target, 1, 15)
    publish(site, "17", 1, 25)
    site.answers[path("17", 2)] = Answer(status=403)
    settings = source(site, targets)
    with pytest.raises(
        FetchError, match=r"1 page failed, the first 17번 상품: .*/products/17/page/2"
    ):
        crawl(settings, store)
    found = stored(store, settings.store_name)
    assert {len(found[target]) for target in targets if target != "17"} == {15}
    assert len(found["17"]) == 10
    set(site.pages())
    publish(site, "17", 1, 25)
    assert crawl(settings, store).reviews["new"] == 15
    every_first = {path(target, 1) for target in targets}
    assert set(site.pages()) == every_first | {path("17", number) for number in (2, 3, 4)}
    assert crawl(settings, store).reviews == {"known": 300}
    assert set(site.pages()) == every_first


def test_targets_that_do_not_exist_are_named(site: Site, store: Store) -> None:
    publish(site, "z", 1, 5)
    gone = {f"x{n}": f"없는 {n}" for n in range(12)}
    with pytest.raises(FetchError, match=r"12 pages failed, the first 없는 0: .*없는 11: "):
        crawl(source(site, gone | {"z": ""}), store)
    assert list(stored(store, source(site, ["z"]).store_name)) == ["z"]


def test_only_the_lists_that_were_seen_twice_lose_deleted_reviews(
    site: Site, database: Database
) -> None:
    store = Store(database)
    for target in "abc":
        publish(site, target, 1, 40)
    settings = source(site, list("abc"))
    crawl(settings, store)
    crawl(source(site, ["a", "b"]), store, full=True)
    for target in "abc":
        publish(site, target, 3, 40)
    assert crawl(source(site, ["a"]), store, full=True).reviews == {"known": 38, "missing": 2}
    second = crawl(source(site, ["a", "b"]), store, full=True)
    assert second.reviews == {"known": 76, "deleted": 2, "missing": 2}
    counts = {group: len(one) for group, one in stored(store, settings.store_name).items()}
    assert counts == {"a": 38, "b": 40, "c": 40}


def test_an_interrupted_crawl_resumes_with_all_targets(site: Site, store: Store) -> None:
    for target in "abc":
        publish(site, target, 1, 15)
    settings = source(site, list("ab"))
    open_crawl(settings, store).begin()
    resumed = open_crawl(source(site, list("abc")), store)
    assert not resumed.begin().is_new
    resumed.work()
    assert resumed.finish().reviews == {"new": 45}
    assert crawl(source(site, list("abc")), store).reviews == {"known": 30}


def test_targets_may_stand_in_the_body(site: Site, store: Store) -> None:
    site.answers["/reviews"] = Answer(json.dumps({"reviews": [{"id": 1, "text": "글"}]}))
    settings = source(
        site,
        ["7", '따옴표"'],
        url=f"{site.url}/reviews",
        method="POST",
        body='{"product": "{target}", "page": {page}}',
        fields={"id": "id", "text": "text", "rating": ""},
        max_pages=1,
    )
    crawl(settings, store)
    sent = [json.loads(one.body) for one in site.asked if one.method == "POST"]
    assert sent == [{"product": "7", "page": 1}, {"product": '따옴표"', "page": 1}]
    assert set(stored(store, settings.store_name)) == {"7", '따옴표"'}


def test_html_lists_have_targets_and_pages_in_the_path(site: Site, store: Store) -> None:
    for target, number in (("가", 1), ("가", 2), ("나", 1)):
        items = "".join(f"<li id={number}{n}><p>{target} 글</p><b>4</b></li>" for n in range(3))
        encoded = {"가": "%EA%B0%80", "나": "%EB%82%98"}[target]
        site.answers[f"/{encoded}/{number}"] = Answer(f"<ul>{items}</ul>")
    for last in ("%EA%B0%80/3", "%EB%82%98/2"):
        site.answers[f"/{last}"] = Answer("<ul></ul>")
    settings = HtmlSource.model_validate({
        "kind": "html", "url": f"{site.url}/{{target}}/{{page}}", "item": "li",
        "fields": {"id": "@id", "text": "p", "rating": "b"}, "paging": {}, "fetch": FETCH,
        "targets": ["가", "나"],
    })  # fmt: skip
    assert crawl(settings, store).reviews == {"new": 9}
    counts = {group: len(one) for group, one in stored(store, settings.store_name).items()}
    assert counts == {"가": 6, "나": 3}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("578080\n730\n", [("578080", ""), ("730", "")]),
        ("target,name\n578080,PUBG\n730,\n", [("578080", "PUBG"), ("730", "")]),
        ("578080\t배틀그라운드\n\n", [("578080", "배틀그라운드")]),
    ],
)
def test_targets_may_be_a_file(content: str, expected: list[Any], tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "cp949"):
        (tmp_path / "targets.csv").write_text(content, encoding=encoding)
        settings = source(Site("http://h"), str(tmp_path / "targets.csv"))
        first = JsonSite(settings, today=None).start()  # type: ignore[arg-type]
        assert [(request.group, request.group_name) for request in first] == expected


def test_a_file_without_targets_is_an_error(tmp_path: Path) -> None:
    empty, absent = tmp_path / "empty.txt", tmp_path / "absent.txt"
    empty.write_text("\n")
    with pytest.raises(SourceError, match=r"empty\.txt has no targets"):
        check_source(source(Site("http://127.0.0.1"), str(empty)))
    with pytest.raises(SourceError, match=r"cannot read the targets .*absent\.txt: .*source\.tar"):
        check_source(source(Site("http://127.0.0.1"), str(absent)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source.targets": "[]"}, "source.url has {target}: set source.targets"),
        ({"source.url": "http://h/{page}"}, "targets need {target} in source.url"),
        ({"source.targets": '[" "]'}, "a target is empty"),
        ({"source.paging.kind": "next", "source.paging.path": "n"}, "source.url has {page}"),
        ({"source.url": "http://h/{target}"}, "source.url needs {page}"),
        ({"source.fields.group": "g"}, "targets are the groups: remove source.fields.group"),
        ({"source.name": "a\nb"}, "without line breaks"),
    ],
)
def test_places_and_settings_must_fit(changes: dict[str, str], message: str) -> None:
    given = {
        "source.kind": "json",
        "source.url": "http://h/{target}/{page}",
        "source.targets": "[1, 2]",
        "source.fields.text": "t",
        "source.fields.rating": "r",
        "source.paging.kind": "page",
    }
    overrides = [f"{key}={value}" for key, value in (given | changes).items()]
    with pytest.raises(SettingsError) as error:
        load_settings(environment={}, overrides=overrides)
    assert message in str(error.value)


def test_a_snapshot_has_the_targets_of_the_settings_only(site: Site, workspace: Workspace) -> None:
    for target in "ab":
        publish(site, target, 1, 5)
    with Database(workspace.store_path) as database:
        crawl(source(site, ["a", "b"]), Store(database))
        settings = Settings(source=source(site, ["b"]), store=StoreSettings())
        summary = crawl(settings.source, Store(database))
    assert take_snapshot(workspace, settings, summary).rows == 5


def test_notices_of_many_lists_do_not_grow_without_end(site: Site, store: Store) -> None:
    targets = [str(n) for n in range(120)]
    for target in targets:
        body = {"reviews": [{"id": 1, "text": "글", "rating": 3}], "count": 2}
        site.answers[path(target, 1)] = Answer(json.dumps(body))
    settings = source(site, targets, total="count", max_pages=1)
    summary = crawl(settings, store)
    assert len(summary.notices) == 101
    assert summary.notices[-1] == "further notices about lists are not shown"


@pytest.mark.long
def test_ten_thousand_targets_are_rows_of_the_queue(store: Store, tmp_path: Path) -> None:
    targets = tmp_path / "targets.txt"
    peaks = []
    for count in (1_000, 10_000):
        targets.write_text("\n".join(map(str, range(count))))
        tracemalloc.start()
        crawling = open_crawl(
            source(Site("http://127.0.0.1"), str(targets), name=str(count)), store
        )
        crawling.begin()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        with store.database.reading() as connection:
            query = sa.text("SELECT count(*) FROM requests WHERE state = 'todo'")
            assert connection.scalar(query) == (1_000 if count == 1_000 else 11_000)
    assert peaks[1] < peaks[0] + 2_000_000
