from pathlib import Path

import pytest

from pipeline.errors import WorkspaceError
from pipeline.records import Review
from pipeline.store import Store


def review(review_id: str, text: str = "좋아요", source: str = "site", aspect: str = "") -> Review:
    return Review(
        source=source, review_id=review_id, text=text, aspect=aspect, aspect_ratings={"교통": 4.0}
    )


def read(store: Store, source: str = "site") -> list[Review]:
    return [one for batch in store.read(source) for one in batch]


def test_reviews_come_back_as_they_went_in_ordered_by_identity(tmp_path: Path) -> None:
    with Store(tmp_path / "reviews.db") as store:
        store.upsert([review("2"), review("1", aspect="교통"), review("1")])
    with Store(tmp_path / "reviews.db") as store:
        assert read(store) == [review("1"), review("1", aspect="교통"), review("2")]


def test_a_known_review_is_updated(tmp_path: Path) -> None:
    with Store(tmp_path / "reviews.db") as store:
        store.upsert([review("1", "전")])
        store.upsert([review("1", "후")])
        assert read(store) == [review("1", "후")]


def test_replacing_touches_one_source_and_is_all_or_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "reviews.db") as store:
        store.upsert([review("1"), review("1", source="other")])
        with pytest.raises(ZeroDivisionError):
            store.replace("site", ([review(str(1 // n))] for n in (1, 0)))
        assert read(store) == [review("1")]
        assert store.replace("site", [[review("3")], [review("2")]]) == 2
        assert read(store) == [review("2"), review("3")]
        assert read(store, "other") == [review("1", source="other")]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    path.write_text("no database" * 100)
    with pytest.raises(WorkspaceError, match=r"the review store .*reviews\.db cannot be used"):
        Store(path)
