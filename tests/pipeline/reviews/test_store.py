from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.reviews.review import Review
from pipeline.reviews.store import Status, Store
from pipeline.storage.database import Database

GOOD = Review(source="s", review_id="1", text="좋아요", rating=5.0, aspect_ratings={"교통": 4.0})
PART = replace(GOOD, aspect="교통", text="역이 가깝다", rating=4.0, aspect_ratings={})
BAD = Review(source="s", review_id="2", text="별로", rating=1.0)


def save(store: Store, reviews: list[Review], crawl: int) -> list[Status]:
    with store.database.transaction() as connection:
        return store.save(connection, "s", reviews, crawl)


def stored(store: Store) -> list[Review]:
    return [review for batch in store.read("s") for review in batch]


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    with store.database.reading() as connection:
        found = connection.execute(sa.text(f"SELECT * FROM {table}"))  # noqa: S608
        return [dict(row) for row in found.mappings()]


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_reviews_are_new_then_known_then_repeated(store: Store) -> None:
    assert save(store, [GOOD, PART, BAD], 1) == ["new", "new", "new"]
    assert save(store, [GOOD, PART, BAD], 2) == ["known", "known", "known"]
    assert save(store, [BAD], 2) == ["repeated"]
    assert stored(store) == [GOOD, PART, BAD]


def test_edited_review_is_replaced_and_its_old_version_kept(store: Store) -> None:
    save(store, [GOOD, BAD], 1)
    edited = replace(GOOD, text="이제는 별로", rating=2.0)
    assert save(store, [edited, BAD], 2) == ["changed", "known"]
    assert stored(store) == [edited, BAD]
    (version,) = rows(store, "review_versions")
    assert (version["text"], version["rating"], version["crawl"]) == ("좋아요", 5.0, 1)
    changed = [row for row in rows(store, "reviews") if row["changed"]]
    assert [row["review_id"] for row in changed] == ["1"]


def test_exact_date_replaces_the_stored_date_but_a_vague_one_does_not(store: Store) -> None:
    save(store, [replace(GOOD, date="2026-11-01", date_is_vague=True)], 1)
    assert save(store, [replace(GOOD, date="2026-11-02", date_is_vague=True)], 2) == ["known"]
    assert stored(store) == [replace(GOOD, date="2026-11-01")]
    assert save(store, [replace(GOOD, date="2026-10-31")], 3) == ["known"]
    assert stored(store) == [replace(GOOD, date="2026-10-31")]
    assert rows(store, "review_versions") == []


def test_reviews_that_a_full_crawl_missed_are_deleted_until_seen_again(store: Store) -> None:
    save(store, [GOOD, PART, BAD], 1)
    save(store, [GOOD], 2)
    with store.database.transaction() as connection:
        assert store.mark_deleted(connection, "other", 2) == 0
        assert store.mark_deleted(connection, "s", 2) == 2
    assert stored(store) == [GOOD]
    assert save(store, [BAD], 3) == ["known"]
    assert stored(store) == [GOOD, BAD]


def test_touch_marks_reviews_as_seen(store: Store) -> None:
    save(store, [GOOD, PART], 1)
    keys = [("1", ""), ("1", "교통")]
    assert store.has("s", keys)
    assert not store.has("s", [*keys, ("2", "")])
    with store.database.transaction() as connection:
        assert store.touch(connection, "s", keys, 7) == 2
        assert store.touch(connection, "s", [], 7) == 0
    assert {row["crawl"] for row in rows(store, "reviews")} == {7}


def test_reviews_are_sorted_by_the_bytes_of_their_id(store: Store) -> None:
    ids = ["b", "B", "a-1", "a 1", "가", "10", "9", "Ä"]
    save(store, [replace(BAD, review_id=one) for one in ids], 1)
    assert [review.review_id for review in stored(store)] == sorted(ids, key=str.encode)


def test_save_of_many_reviews(store: Store) -> None:
    many = [replace(BAD, review_id=str(number)) for number in range(2_500)]
    assert set(save(store, many, 1)) == {"new"}
    assert set(save(store, many, 2)) == {"known"}
    assert len(stored(store)) == 2_500


def test_nul_and_lone_surrogates_are_replaced(store: Store) -> None:
    odd = replace(BAD, text="a\0b\ud800c", group="\0", review_id="i\0d")
    assert save(store, [odd], 1) == ["new"]
    assert save(store, [odd], 2) == ["known"]
    (found,) = stored(store)
    assert (found.text, found.group, found.review_id) == ("ab\ufffdc", "", "id")


def test_failed_transaction_is_rolled_back(store: Store) -> None:
    with pytest.raises(RuntimeError), store.database.transaction() as connection:
        store.save(connection, "s", [GOOD], 1)
        raise RuntimeError
    assert stored(store) == []


def test_purge_deletes_the_selected_reviews_and_their_versions(store: Store) -> None:
    save(store, [GOOD, BAD], 1)
    save(store, [replace(GOOD, text="고침")], 2)
    with store.database.transaction() as connection:
        store.save(connection, "other", [replace(GOOD, source="other")], 3)
        connection.execute(
            sa.text("UPDATE reviews SET last_seen = '2020-01-01' WHERE review_id = '2'")
        )
    assert store.sources() == {"other": 1, "s": 2}
    assert store.count_to_purge("s", "2021-01-01") == 1
    with store.database.transaction() as connection:
        assert store.purge(connection, "s", "2021-01-01") == 1
    assert [review.review_id for review in stored(store)] == ["1"]
    assert len(rows(store, "review_versions")) == 1
    with store.database.transaction() as connection:
        assert store.purge(connection, "s", "") == 1
    assert rows(store, "review_versions") == []
    assert store.sources() == {"other": 1}


def test_new_and_edited_reviews_are_read(store: Store) -> None:
    save(store, [GOOD, PART], 1)
    with store.database.transaction() as connection:
        connection.execute(sa.text("UPDATE reviews SET first_seen = '2026-11-01T00:00:00Z'"))
    save(store, [replace(GOOD, text="이제는 별로"), PART, BAD], 2)
    since = "2026-11-02T00:00:00Z"
    read = [review.text for batch in store.read("s", since=since) for review in batch]
    assert read == ["이제는 별로", "별로"]
    assert store.count_new("s", since) == 1
    assert store.count_new("s", "2026-10-31T00:00:00Z") == 2
    assert store.count_new("s", "9999") == 0
    assert len(stored(store)) == 3
