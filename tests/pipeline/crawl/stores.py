"""Answers as those of Steam and of Apple's App Store, with invented texts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tests.site import Answer, Site

STEAM_PAGE = 100
APPLE_PAGE = 50
_STEAM_QUERY = "json=1&filter=recent&language=koreana&cursor={cursor}&num_per_page=100"


def steam_path(app: str, cursor: str) -> str:
    """Path and query of a page of Steam."""
    query = _STEAM_QUERY.format(cursor=cursor if cursor == "*" else quote(cursor, safe=""))
    return f"/appreviews/{app}?{query}"


def publish_steam(site: Site, app: str, count: int, *, total: int | None = None) -> None:
    """Serve ``count`` reviews, the newest first; the last page is empty and repeats its cursor."""
    numbers = list(range(count, 0, -1))
    cursor = "*"
    for place in range(0, max(count, 1) + STEAM_PAGE, STEAM_PAGE):
        part = numbers[place : place + STEAM_PAGE]
        following = f"AoJ4{part[-1]}/w+==" if part else cursor
        summary: dict[str, Any] = {"num_reviews": len(part)}
        if cursor == "*":
            counted = count if total is None else total
            summary |= {"review_score": 8, "total_positive": 1, "total_reviews": counted}
        answer = {
            "success": 1,
            "query_summary": summary,
            "reviews": [steam_review(app, number) for number in part],
            "cursor": following,
        }
        site.answers[steam_path(app, cursor)] = Answer(json.dumps(answer))
        if not part:
            break
        cursor = following


def steam_review(app: str, number: int) -> dict[str, Any]:
    """A review; every third one does not recommend the game."""
    return {
        "recommendationid": f"{app}{number:05}",
        "author": {"steamid": f"7656{number}", "num_reviews": 3, "playtime_forever": 120},
        "language": "koreana",
        "review": f"{app} 게임 {number}번째 평가입니다",
        "timestamp_created": 1_700_000_000 + 86_400 * number,
        "timestamp_updated": 1_700_000_000 + 86_400 * number,
        "voted_up": number % 3 != 0,
        "votes_up": 2,
    }


def apple_path(app: str, number: int) -> str:
    """Path of a page of the App Store's feed."""
    return f"/kr/rss/customerreviews/page={number}/id={app}/sortby=mostrecent/json"


def publish_apple(site: Site, app: str, count: int, *, own: bool = True) -> None:
    """Serve ``count`` reviews, the newest first, with the app's own entry at the top.

    A single entry is an object; where there is none, ``entry`` is missing. Behind the tenth page
    is an error.
    """
    numbers = list(range(count, 0, -1))[: 10 * APPLE_PAGE]
    for page in range(1, 11):
        part = numbers[APPLE_PAGE * (page - 1) : APPLE_PAGE * page]
        entries = [apple_review(app, number) for number in part]
        if own and page == 1:
            entries.insert(0, _apple_app(app))
        feed: dict[str, Any] = {
            "author": {"name": {"label": "iTunes Store"}},
            "updated": {"label": "2026-11-28T01:00:00-07:00"},
            "rights": {"label": "Copyright"},
            "title": {"label": "iTunes Store: 사용자 리뷰"},
            "link": [{"attributes": {"rel": "self"}}],
            "id": {"label": "https://itunes.apple.com/kr/rss/customerreviews"},
        }
        if entries:
            feed["entry"] = entries if len(entries) > 1 else entries[0]
        site.answers[apple_path(app, page)] = Answer(json.dumps({"feed": feed}))
    site.answers[apple_path(app, 11)] = Answer("page depth is limited to 10", 400)


def apple_review(app: str, number: int) -> dict[str, Any]:
    """A review as the feed has it: every value is a label."""
    return {
        "author": {"name": {"label": f"사용자{number}"}, "label": ""},
        "updated": {"label": f"2026-{1 + number % 12:02}-15T03:00:00-07:00"},
        "im:rating": {"label": str(1 + number % 5)},
        "im:version": {"label": "3.1"},
        "id": {"label": f"{app}{number:05}"},
        "title": {"label": f"제목 {number}"},
        "content": {"label": f"{app} 앱 {number}번째 리뷰", "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related"}},
    }


def _apple_app(app: str) -> dict[str, Any]:
    return {
        "im:name": {"label": "앱"},
        "im:price": {"label": "받기", "attributes": {"amount": "0.00"}},
        "title": {"label": "앱 - 회사"},
        "id": {"label": f"https://apps.apple.com/kr/app/id{app}"},
    }
