import json
from collections import Counter, defaultdict
from typing import Any

import pytest
import requests

from pipeline.crawl.demo_site import DATA, DemoSite
from pipeline.settings import ZigbangFields


@pytest.fixture(scope="module")
def reviews() -> list[dict[str, Any]]:
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_pages_of_the_site(demo_site: DemoSite) -> None:
    def get(path: str) -> requests.Response:
        return requests.get(demo_site.url + path, timeout=10)

    assert "Disallow: /admin/" in get("/robots.txt").text
    first = get("/reviews")
    assert first.text.count("<li class='review'") == 30
    assert '<a class="next" href="/reviews?page=2">다음</a>' in first.text
    last = get(f"/reviews?page={-(-demo_site.reviews // 30)}").text
    assert "<li class='review'" in last
    assert "다음" not in last
    for path in ("/nothing", "/reviews?page=x", "/property/apartments/x/reviews/v1"):
        assert get(path).status_code == 404
    assert get("/v2/aparts/items?geohash=zzzzz").json() == {
        "vrItems": [],
        "recommendItems": [],
        "items": [],
    }


def test_distribution_of_the_reviews(reviews: list[dict[str, Any]]) -> None:
    assert len(reviews) >= 1_000
    assert len({review["complex"] for review in reviews}) == 50
    scores = Counter(review["score"] for review in reviews)
    assert 0.5 <= (scores[4] + scores[5]) / len(reviews) <= 0.6
    assert 0.2 <= (scores[1] + scores[2]) / len(reviews) <= 0.3
    assert sum(len(review["aspect_texts"]) >= 2 for review in reviews) >= 300
    assert all(
        list(review["aspect_scores"]) == list(ZigbangFields().aspects.values())
        for review in reviews
    )
    lengths = [len(review["text"]) for review in reviews]
    assert min(lengths) >= 4
    assert 250 <= max(lengths) <= 300
    assert {review["date"][:4] for review in reviews} == {"2023", "2024", "2025", "2026"}


def test_reviews_are_diverse(reviews: list[dict[str, Any]]) -> None:
    words: list[str] = []
    runs: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for review in reviews:
        for text in (review["text"], *review["aspect_texts"].values()):
            split = text.split()
            words += split
            for start in range(len(split) - 4):
                runs[tuple(split[start : start + 5])].add(review["id"])
    assert max(map(len, runs.values())) <= 5
    assert len(set(words)) / len(words) >= 0.35
