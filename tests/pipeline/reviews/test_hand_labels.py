from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipeline.reviews.hand_labels import HandLabel, Saved, read_labels, save_labels, text_digest
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, Review
from pipeline.reviews.snapshot import write_snapshot
from pipeline.reviews.store import Store
from pipeline.storage.database import Database

GOOD = Review(source="s", review_id="1", text="좋아요", rating=5.0)
PART = replace(GOOD, aspect="교통", text="역이 가깝다", rating=None)
BAD = Review(source="s", review_id="2", text="별로", label=NEGATIVE)


@pytest.fixture
def store(database: Database) -> Store:
    made = Store(database)
    crawl(made, [GOOD, PART, BAD], 1)
    return made


def crawl(store: Store, reviews: list[Review], number: int) -> None:
    with store.database.transaction() as connection:
        store.save(connection, "s", reviews, number)


def label(review: Review, sentiment: int) -> HandLabel:
    key = review.source, review.review_id, review.aspect
    return HandLabel(*key, sentiment, text_digest(review.text))


def give(store: Store, *labels: HandLabel) -> Saved:
    with store.database.transaction() as connection:
        return save_labels(connection, labels)


def given(store: Store, source: str = "s") -> set[HandLabel]:
    with store.database.reading() as connection:
        return set(read_labels(connection, source).values())


def snapshot(store: Store, folder: Path) -> dict[tuple[str, str], int | None]:
    """The label of each review in a snapshot."""
    write_snapshot(store, ["s"], (), folder / "reviews.parquet")
    rows = pq.read_table(folder / "reviews.parquet").to_pylist()
    return {(row["review_id"], row["aspect"]): row["label"] for row in rows}


def test_labels_are_new_then_known_then_changed(store: Store) -> None:
    good, bad = label(GOOD, NEGATIVE), label(BAD, POSITIVE)
    assert give(store, good) == Saved(1, 0, 0)
    assert give(store, good, bad) == Saved(1, 0, 1)
    assert give(store, good, bad) == Saved(0, 0, 2)
    changed = label(GOOD, NEUTRAL)
    assert give(store, changed) == Saved(0, 1, 0)
    assert given(store) == {changed, bad}


def test_a_hand_label_replaces_label_and_rating_in_the_snapshot(
    store: Store, tmp_path: Path
) -> None:
    assert snapshot(store, tmp_path) == {("1", ""): None, ("1", "교통"): None, ("2", ""): NEGATIVE}
    give(store, label(PART, NEGATIVE), label(BAD, POSITIVE))
    assert snapshot(store, tmp_path) == {
        ("1", ""): None,
        ("1", "교통"): NEGATIVE,
        ("2", ""): POSITIVE,
    }
    rows = pq.read_table(tmp_path / "reviews.parquet").to_pylist()
    assert [row["by_hand"] for row in rows] == [False, True, True]


def test_a_label_survives_crawls_until_the_text_is_edited(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    give(store, label(GOOD, NEGATIVE))
    crawl(store, [replace(GOOD, rating=4.0, group_name="다른 이름")], 2)
    assert snapshot(store, tmp_path)["1", ""] == NEGATIVE
    assert caplog.text == ""
    crawl(store, [replace(GOOD, text="이제 별로")], 3)
    assert snapshot(store, tmp_path)["1", ""] is None
    assert "1 labels given by hand no longer apply" in caplog.text
    crawl(store, [GOOD], 4)
    assert snapshot(store, tmp_path)["1", ""] == NEGATIVE


def test_purge_deletes_the_labels_of_the_deleted_reviews(store: Store) -> None:
    part, bad = label(PART, NEGATIVE), label(BAD, POSITIVE)
    give(store, label(GOOD, NEGATIVE), part, bad)
    with store.database.transaction() as connection:
        old = sa.text("UPDATE reviews SET last_seen = '2020-01-01' WHERE text = '좋아요'")
        connection.execute(old)
        assert store.purge(connection, "s", "2021-01-01") == 1
    assert given(store) == {part, bad}
    with store.database.transaction() as connection:
        assert store.purge(connection, "", "") == 2
    assert given(store) == set()


def test_labels_follow_a_renamed_source(store: Store) -> None:
    give(store, label(BAD, POSITIVE))
    with store.database.transaction() as connection:
        store.rename(connection, "s", "new")
    assert given(store) == set()
    assert given(store, "new") == {label(BAD, POSITIVE)._replace(source="new")}


def test_a_store_of_an_earlier_version_gets_the_table(
    store: Store, database_url: Path | str
) -> None:
    with store.database.transaction() as connection:
        connection.execute(sa.text("DROP TABLE hand_labels"))
    with Database(database_url) as database:
        assert given(Store(database)) == set()
