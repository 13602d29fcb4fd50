"""Answers as those of APIs that owners of shops, apps and places use, with invented texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.site import Answer, Site

STARS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
TOKEN = "own-57-hidden"  # noqa: S105


class Guarded(Answer):
    """An answer for those who send the header ``Authorization`` in its ``headers``."""

    def send(self, handler: BaseHTTPRequestHandler, closing: Event) -> None:
        wanted = self.headers["Authorization"]
        if handler.headers.get("Authorization") == wanted:
            Answer(self.body, self.status).send(handler, closing)
        else:
            Answer('{"code": "cannot_view", "message": "no"}', 401).send(handler, closing)


def answer(content: Any, authorization: str, status: int = 200) -> Answer:
    """A JSON answer that needs this ``Authorization``."""
    return Guarded(json.dumps(content), status, {"Authorization": authorization})


def pages(count: int, size: int) -> list[list[int]]:
    """Numbers of reviews by page, the newest first; one empty page if there are none."""
    numbers = list(range(count, 0, -1))
    return [numbers[start : start + size] for start in range(0, max(count, 1), size)]


def day(number: int) -> str:
    """The day of a review, as ISO date."""
    return (date(2025, 1, 1) + timedelta(number)).isoformat()


def publish_woocommerce(site: Site, count: int, authorization: str, *, end: str) -> list[str]:
    """Serve the reviews of two products; behind the last page ``end``: ``empty`` or ``400``."""
    base = "/wp-json/wc/v3/products/reviews?per_page=100&page="
    found = pages(count, 100)
    for number, part in enumerate(found, 1):
        written = [
            {
                "id": one,
                "date_created": f"{day(one)}T12:00:00",
                "date_created_gmt": f"{day(one)}T03:00:00",
                "product_id": 20 + one % 2,
                "product_name": ("텀블러", "머그컵")[one % 2],
                "status": "approved",
                "reviewer": "홍길동",
                "reviewer_email": "hong@example.com",
                "review": f"<p>{one}번째 상품평입니다</p>\n",
                "rating": 1 + one % 5,
                "verified": True,
            }
            for one in part
        ]
        site.answers[f"{base}{number}"] = answer(written, authorization)
    code = {"code": "rest_post_invalid_page_number", "data": {"status": 400}}
    after = answer([], authorization) if end == "empty" else answer(code, authorization, 400)
    site.answers[f"{base}{len(found) + 1}"] = after
    return [f"{base}{number}" for number in range(1, len(found) + 2)]


def publish_connect(site: Site, app: str, count: int) -> None:
    """Serve the reviews of an app as App Store Connect does, 200 a page."""
    path = f"/v1/apps/{app}/customerReviews?sort=-createdDate&limit=200"
    found = pages(count, 200)
    for number, part in enumerate(found):
        following = f"{path}&cursor=c{number + 1}"
        links = {"self": site.url + path}
        if number + 1 < len(found):
            links["next"] = site.url + following
        data = [
            {
                "type": "customerReviews",
                "id": f"00000028-{one:012}",
                "attributes": {
                    "rating": 1 + one % 5,
                    "title": f"제목 {one}",
                    "body": f"{app} 앱 {one}번째 리뷰",
                    "reviewerNickname": "길동이",
                    "createdDate": f"{day(one)}T08:10:34-08:00",
                    "territory": "KOR",
                },
                "relationships": {"response": {"links": {"self": site.url}}},
            }
            for one in part
        ]
        content = {
            "data": data,
            "links": links,
            "meta": {"paging": {"total": count, "limit": 200}},
        }
        site.answers[path if not number else f"{path.partition('&cursor')[0]}&cursor=c{number}"] = (
            answer(content, f"Bearer {TOKEN}")
        )


def publish_play(site: Site, app: str, count: int) -> None:
    """Serve the reviews of an app as the Play Developer API does, 100 a page."""
    path = f"/androidpublisher/v3/applications/{app}/reviews?maxResults=100"
    found = pages(count, 100)
    for number, part in enumerate(found):
        reviews = [
            {
                "reviewId": f"gp:{one}",
                "authorName": "홍길동",
                "comments": [
                    {
                        "userComment": {
                            "text": f"\t{app} {one}번째 평가",
                            "lastModified": {"seconds": str(1_790_000_000 + 3_600 * one)},
                            "starRating": 1 + one % 5,
                            "reviewerLanguage": "ko",
                        }
                    }
                ],
            }
            for one in part
        ]
        content: dict[str, Any] = {"reviews": reviews} if part else {}
        if number + 1 < len(found):
            content["tokenPagination"] = {"nextPageToken": f"t{number + 1}"}
        where = f"{path}&token=t{number}" if number else path
        site.answers[where] = answer(content, f"Bearer {TOKEN}")


def publish_places(site: Site, place: str, count: int) -> None:
    """Serve the reviews of a place as the Business Profile API does, 50 a page."""
    path = f"/v4/accounts/123456789/locations/{place}/reviews?pageSize=50&orderBy=updateTime%20desc"
    found = pages(count, 50)
    for number, part in enumerate(found):
        reviews = [_of_place(place, one) for one in part]
        content: dict[str, Any] = {"averageRating": 3.1, "totalReviewCount": count}
        if part:
            content["reviews"] = reviews
        if number + 1 < len(found):
            content["nextPageToken"] = f"p{number + 1}"
        where = f"{path}&pageToken=p{number}" if number else path
        site.answers[where] = answer(content, f"Bearer {TOKEN}")


def _of_place(place: str, number: int) -> dict[str, Any]:
    found = {
        "name": f"accounts/123456789/locations/{place}/reviews/r{number}",
        "reviewId": f"r{number}",
        "reviewer": {"displayName": "홍길동"},
        "starRating": STARS[number % 5],
        "createTime": f"{day(number)}T01:00:00Z",
        "updateTime": f"{day(number)}T02:00:00Z",
    }
    if number % 4:  # others gave stars alone
        found["comment"] = f"{place}호점 {number}번째 방문"
    return found


def publish_feed(site: Site, app: str, numbers: Sequence[int]) -> None:
    """Serve the App Store's feed as XML, 50 reviews a page, with an entry of the app itself."""
    for page in range(1, 11):
        part = numbers[50 * (page - 1) : 50 * page]
        entries = "".join(map(_entry, part))
        own = "<entry><id>362057947</id><title>카카오톡</title></entry>" if page == 1 else ""
        site.answers[f"/kr/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/xml"] = (
            Answer(
                '<?xml version="1.0" encoding="utf-8"?>\n'
                '<feed xmlns:im="http://itunes.apple.com/rss" xmlns="http://www.w3.org/2005/Atom" '
                f'xml:lang="ko"><id>https://itunes.apple.com</id><title>리뷰</title>{own}{entries}'
                "</feed>",
                headers={"Content-Type": "text/xml; charset=UTF-8"},
            )
        )


def _entry(number: int) -> str:
    return (
        f"<entry><updated>{day(number)}T05:00:00-07:00</updated><id>{900_000 + number}</id>"
        f"<title>제목 &amp; {number}</title><content type='text'>{number}번째 리뷰</content>"
        f"<im:contentType term='Application' label='앱'/><im:rating>{1 + number % 5}</im:rating>"
        f"<author><name>길동이</name></author><content type='html'>&lt;b&gt;{number}</content>"
        "</entry>"
    )
