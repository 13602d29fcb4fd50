"""Crawls of three pages where the second page or robots.txt is faulty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pipeline.errors import InputError, ReviewSentimentError
from pipeline.reviews.store import Store
from tests.pipeline.crawl.lists import (
    Entry,
    crawl,
    entries,
    matches,
    page,
    publish,
    source,
    stored,
)
from tests.pipeline.crawl.quick import BRIEF
from tests.site import (
    Answer,
    Bomb,
    Drip,
    Flood,
    Late,
    Reply,
    Reset,
    Silence,
    Site,
    redirect,
    serve,
)

LISTED = entries(1, 30)
SECOND = "/list?page=2"
HEALTHY = page(LISTED[10:20], "/list?page=3")
SOON = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)


def brief(value: object) -> str:
    """Test id of a case."""
    return repr(value)[:60]


def fetch(fault: Reply, **changes: Any) -> dict[str, Any]:
    """Settings of the fetcher, which is impatient when the fault is that the answer is late."""
    is_late = isinstance(fault, Silence | Late | Drip)
    patience = {"read_timeout": BRIEF, "page_timeout": 2 * BRIEF} if is_late else {}
    return {"max_bytes": 1_000_000, "max_tries": 1, **patience, **changes}


def changed(key: str, text: str) -> list[Entry]:
    """The list with the text of one review changed."""
    return [(one, text if one == key else old, rating) for one, old, rating in LISTED]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        publish(served, LISTED)
        yield served


def fails(site: Site, store: Store, fault: Reply) -> tuple[int, str]:
    """Exit status and message of a crawl that ends with an error."""
    with pytest.raises(ReviewSentimentError) as caught:
        crawl(source(site, fetch=fetch(fault)), store)
    message = str(caught.value)
    assert "\n" not in message
    return (2 if isinstance(caught.value, InputError) else 1), message


@pytest.mark.parametrize(
    "fault",
    [
        *(Answer(status=status) for status in (408, 500, 502, 503, 504)),
        *(
            Answer(status=429, headers={"Retry-After": wait})
            for wait in ("1", "0", "-5", SOON, "soon")
        ),
        Reset(),
        Reset(after=100),
        Silence(),
        Late(3 * BRIEF, Answer(HEALTHY)),
        Answer(HEALTHY[:200], headers={"Content-Length": "5000"}),
    ],
    ids=brief,
)
def test_temporary_fault_is_retried(site: Site, store: Store, fault: Reply) -> None:
    site.answers[SECOND] = (fault, Answer(HEALTHY))
    settings = source(site, fetch=fetch(fault, max_tries=2))
    assert crawl(settings, store).reviews == {"new": 30}
    assert matches(stored(store, settings), LISTED)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        *((Answer(status=status), str(status)) for status in (401, 403, 408, 429, 500, 502, 503)),
        (Reset(), "connection"),
        (Reset(after=100), "connection"),
        (Silence(), "reading timed out"),
        (Drip(0.05, "body"), f"no complete response within {2 * BRIEF:g} s"),
        (Drip(0.05, "head"), f"no complete response within {2 * BRIEF:g} s"),
        (Answer(HEALTHY[:200], headers={"Content-Length": "5000"}), "truncated"),
        (Answer(b"\x89PNG", headers={"Content-Type": "image/png"}), "image/png"),
        (Bomb(200), "1,000,000 bytes"),
        (Flood(50), "1,000,000 bytes"),
        (redirect("/list?page=2"), "redirect"),
        (redirect("http://localhost:9/list"), "localhost"),
        (redirect("http://elsewhere.example/list"), "elsewhere.example"),
        (redirect("file:///etc/passwd"), "file:///etc/passwd"),
        (Answer(HEALTHY.replace("<p>", "<q>")), "source.fields.text"),
        (Answer(HEALTHY.replace("<b>", "<u>")), "source.fields.rating"),
        (Answer(HEALTHY.replace(" id=", " key=")), "source.fields.id"),
    ],
    ids=brief,
)
def test_permanent_fault_is_named_and_stores_no_wrong_row(
    site: Site, store: Store, fault: Reply, reason: str
) -> None:
    site.answers[SECOND] = fault
    status, message = fails(site, store, fault)
    assert status == 1
    assert message.startswith(f"1 page failed, the first {site.url}{SECOND}: ")
    assert reason in message
    settings = source(site)
    assert matches(stored(store, settings), LISTED[:10])
    site.answers[SECOND] = Answer(HEALTHY)
    assert crawl(settings, store).reviews == {"known": 10, "new": 20}
    assert matches(stored(store, settings), LISTED)


@pytest.mark.parametrize("status", [404, 410])
def test_missing_page_ends_its_list(site: Site, store: Store, status: int) -> None:
    site.answers[SECOND] = Answer(status=status)
    summary = crawl(source(site), store)
    assert summary.skipped == {"page is gone": 1}
    assert matches(stored(store, source(site)), LISTED[:10])


@pytest.mark.parametrize(
    ("robots", "status", "reason", "rows"),
    [
        (Answer("User-agent: *\nDisallow: /list"), 2, "robots.txt", 0),
        (Answer("User-agent: *\nDisallow: /list?page=2"), 1, "robots.txt", 10),
        (Answer(status=503), 1, "robots.txt", 0),
        (Reset(), 1, "robots.txt", 0),
        (Silence(), 1, "robots.txt", 0),
    ],
    ids=brief,
)
def test_pages_disallowed_by_robots_txt_are_not_fetched(
    site: Site, store: Store, robots: Reply, status: int, reason: str, rows: int
) -> None:
    site.answers["/robots.txt"] = robots
    found, message = fails(site, store, robots)
    assert (found, reason in message) == (status, True), message
    assert matches(stored(store, source(site)), LISTED[:rows])


@pytest.mark.parametrize("robots", [Answer(status=404), Answer(status=403), Answer("\0\xff:::")])
def test_missing_or_invalid_robots_txt_allows_all_pages(
    site: Site, store: Store, robots: Reply
) -> None:
    site.answers["/robots.txt"] = robots
    crawl(source(site), store)
    assert matches(stored(store, source(site)), LISTED)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(HEALTHY, headers={"Content-Type": "text/html; charset=euc-kr"}), LISTED),
        (Answer(HEALTHY.encode("cp949"), headers={"Content-Type": "text/html"}), LISTED),
        (Answer(HEALTHY, headers={"Content-Type": "application/json"}), LISTED),
        (Answer(page([*LISTED[10:20], *LISTED[12:15]], "/list?page=3")), LISTED),
        (Answer(page([*LISTED[10:20], ("15", "딴 글", 1)], "/list?page=3")), LISTED),
        *(
            (Answer(page(listed[10:20], "/list?page=3")), listed)
            for listed in (
                changed("15", "가" * 100_000),
                changed("15", "<script>alert('x')</script>"),
                changed("15", "\u202e거꾸로"),
                changed("15", "👍"),
            )
        ),
        (Answer(HEALTHY.replace("15번째", "15\0번\0째")), LISTED),
        (
            Answer(HEALTHY.replace("15번째", "&#xD800;15번째")),
            changed("15", "\ufffd" + next(text for key, text, _ in LISTED if key == "15")),
        ),
        (Answer(HEALTHY.replace("15번째", "<script>x</script><!-- x -->15번째")), LISTED),
    ],
)
def test_unusual_content_is_parsed(
    site: Site, store: Store, answer: Answer, expected: Sequence[Entry]
) -> None:
    site.answers[SECOND] = answer
    crawl(source(site), store)
    assert matches(stored(store, source(site)), expected)


def test_incomplete_review_does_not_affect_others(site: Site, store: Store) -> None:
    site.answers[SECOND] = Answer(
        HEALTHY.replace("<p>15번째", "<q>15번째").replace('id="16"', "").replace("<b>3</b>", "", 1)
    )
    summary = crawl(source(site), store)
    assert summary.skipped == {"no text": 1, "no id": 1}
    found = stored(store, source(site))
    assert len(found) == 28
    (unrated,) = [review for review in found.values() if review.rating is None]
    assert unrated.text in {text for _, text, _ in LISTED}
