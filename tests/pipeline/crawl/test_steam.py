"""``source.kind = "steam"`` against answers in Steam's shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.crawl.run import crawl
from pipeline.errors import FetchError
from pipeline.reviews.review import NEGATIVE, POSITIVE, Review
from pipeline.reviews.store import Store
from pipeline.settings import SteamSource
from tests.pipeline.crawl.stores import publish_steam, steam_path, steam_review
from tests.site import Answer, Site


def source(site: Site, targets: Any, **changes: Any) -> SteamSource:
    fetch = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}
    described = {"kind": "steam", "base_url": site.url, "targets": targets, "fetch": fetch}
    return SteamSource.model_validate(described | changes)


def stored(store: Store, settings: SteamSource) -> list[Review]:
    return [review for batch in store.read(settings.store_name) for review in batch]


def test_reviews_have_label_date_and_group(site: Site, store: Store) -> None:
    publish_steam(site, "578080", 230)
    publish_steam(site, "730", 3)
    settings = source(site, {"578080": "PUBG", "730": ""})
    summary = crawl(settings, store)
    assert (summary.reviews, summary.notices) == ({"new": 233}, [])
    assert settings.store_name == f"steam:{site.url.removeprefix('http://')}/koreana"
    found = {review.review_id: review for review in stored(store, settings)}
    assert found["578080:57808000003"] == Review(
        source=settings.store_name,
        review_id="578080:57808000003",
        text="578080 게임 3번째 평가입니다",
        group="578080",
        group_name="PUBG",
        date="2023-11-18",
        label=NEGATIVE,
    )
    labels = [review.label for review in found.values() if review.group == "730"]
    assert sorted(map(str, labels)) == sorted(map(str, (NEGATIVE, POSITIVE, POSITIVE)))


def test_the_second_crawl_asks_for_what_is_new(site: Site, store: Store) -> None:
    publish_steam(site, "578080", 230)
    settings = source(site, ["578080"])
    crawl(settings, store)
    assert len(site.pages()) == 4
    publish_steam(site, "578080", 233)
    assert crawl(settings, store).reviews == {"new": 3, "known": 97}
    assert site.pages() == [steam_path("578080", "*")]


def test_another_number_than_steam_counts_is_said(site: Site, store: Store) -> None:
    publish_steam(site, "578080", 130, total=133)
    summary = crawl(source(site, {"578080": "PUBG"}), store)
    (notice,) = summary.notices
    assert notice.startswith(f"PUBG: {site.url}/appreviews/578080?")
    assert notice.endswith("the site reports 133 reviews in total, the list has 130")
    assert summary.gaps == 0


def test_a_list_that_lacks_more_than_a_page_is_fetched_again(site: Site, store: Store) -> None:
    publish_steam(site, "578080", 130, total=400)
    settings = source(site, ["578080"])
    assert crawl(settings, store).gaps == 1
    site.pages()
    publish_steam(site, "578080", 400)
    assert crawl(settings, store).reviews == {"known": 130, "new": 270}
    assert len(site.pages()) == 5


def test_a_short_page_is_not_the_end(site: Site, store: Store) -> None:
    pages = [["a1", "a2", "a3"], ["b1"], ["c1", "c2"], []]
    cursors = ["*", "c+1", "c+2", "c+3"]
    for number, (ids, cursor) in enumerate(zip(pages, cursors, strict=True)):
        items = [steam_review("5", 1) | {"recommendationid": one} for one in ids]
        following = cursors[number + 1] if ids else cursor
        answer = {"success": 1, "query_summary": {}, "reviews": items, "cursor": following}
        site.answers[steam_path("5", cursor)] = Answer(json.dumps(answer))
    assert crawl(source(site, ["5"]), store).reviews == {"new": 6}


def test_a_game_without_reviews_is_no_failure(site: Site, store: Store) -> None:
    publish_steam(site, "1", 0)
    none = {"success": 1, "query_summary": {"num_reviews": 0}, "cursor": "*"}
    site.answers[steam_path("2", "*")] = Answer(json.dumps(none))
    assert crawl(source(site, ["1", "2"]), store).reviews == {}


def test_thirty_games_one_of_which_steam_refuses(site: Site, store: Store) -> None:
    games = {str(number): f"게임 {number}" for number in range(30)}
    for game in games:
        publish_steam(site, game, 5)
    site.answers[steam_path("7", "*")] = Answer('{"success": 2}')
    with pytest.raises(
        FetchError, match=r"1 page failed, the first 게임 7: .*Steam rejected the request with"
    ):
        crawl(source(site, games), store)
    assert len(stored(store, source(site, games))) == 29 * 5
