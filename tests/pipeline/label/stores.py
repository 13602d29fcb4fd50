"""A store of reviews with and without labels, and its snapshot."""

from pathlib import Path

from pipeline.reviews.review import POSITIVE, Review
from pipeline.reviews.snapshot import write_snapshot
from pipeline.reviews.store import Store
from pipeline.storage.database import Database

TEXTS = ("친절하고 깨끗해요", "불친절하고 더러워요", "=그냥 그래요, 쉼표\n둘째 줄 👍", "- 늦어요")
REVIEWS = [
    Review(source="s", review_id=f"00{number}", text=text, date="2026-11-01", group_name="호텔")
    for number, text in enumerate(TEXTS)
]
LABELLED = [
    Review(source="s", review_id="rated", text="별점 있음", rating=5.0),
    Review(source="s", review_id="labelled", text="라벨 있음", label=POSITIVE),
    Review(source="s", review_id="same", text="친절하고  깨끗해요"),
    Review(source="s", review_id="blank", text="https://example.com"),
]


def fill(database: Database) -> Store:
    """Save all reviews."""
    store = Store(database)
    save(store, [*REVIEWS, *LABELLED])
    return store


def save(store: Store, reviews: list[Review], crawl: int = 1) -> None:
    """Save reviews as a crawl does."""
    with store.database.transaction() as connection:
        store.save(connection, "s", reviews, crawl)


def snapshot(store: Store, folder: Path) -> Path:
    """Write a snapshot; returns its path."""
    path = folder / "reviews.parquet"
    write_snapshot(store, ["s"], (), path)
    return path
