import csv
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import DataError, SourceError
from pipeline.label.import_labels import import_labels
from pipeline.label.suggest import suggest
from pipeline.predict.starter import StarterPredictor
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.storage.database import Database
from pipeline.storage.tables import open_table
from tests.pipeline.label.stores import LABELLED, TEXTS, fill, save, snapshot


@pytest.fixture
def store(database: Database) -> Store:
    return fill(database)


def test_reviews_without_a_label_are_written_with_suggestions(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    made = suggest(snapshot(store, tmp_path), store, StarterPredictor(), path, 100)
    assert (made.rows, made.unlabeled) == (4, 4)
    assert made.by_hand == {"negative": 0, "positive": 0, "neutral": 0}
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True)))
    assert list(rows[0]) == [
        *("source", "review_id", "aspect", "date", "group_name", "text"),
        *("suggested_label", "suggested_probability", "label"),
    ]
    by_text = {row["text"]: row for row in rows}
    assert set(by_text) == {TEXTS[0], TEXTS[1], f"'{TEXTS[2]}", f"'{TEXTS[3]}"}
    good, bad = by_text[TEXTS[0]], by_text[TEXTS[1]]
    assert (good["suggested_label"], bad["suggested_label"]) == ("positive", "negative")
    assert 0 < float(bad["suggested_probability"]) < 0.5
    assert (bad["review_id"], bad["date"], bad["group_name"]) == ("'001", "2026-11-01", "호텔")
    assert {row["label"] for row in rows} == {""}


def test_a_group_without_a_name_is_shown_by_its_id(database: Database, tmp_path: Path) -> None:
    store, path = Store(database), tmp_path / "a.jsonl"
    save(
        store,
        [
            Review(source="s", review_id="1", text="맛있어요", group="판교점"),
            Review(source="s", review_id="2", text="별로예요", group="77", group_name="본점"),
            Review(source="s", review_id="3", text="그냥 그래요"),
        ],
    )
    suggest(snapshot(store, tmp_path), store, StarterPredictor(), path, 100)
    with open_table(path) as (_, rows):
        found = {row.text("review_id"): row.text("group_name") for row in rows}
    assert found == {"1": "판교점", "2": "본점", "3": ""}


@pytest.mark.parametrize("suffix", ["tsv", "jsonl", "parquet", "csv.gz"])
def test_every_format_is_the_same_each_time(store: Store, tmp_path: Path, suffix: str) -> None:
    tables, reviews = [], snapshot(store, tmp_path)
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{suffix}"
        suggest(reviews, store, StarterPredictor(), path, 2)
        with open_table(path) as (_, rows):
            tables.append([dict(row) for row in rows])
    assert tables[0] == tables[1]
    assert len(tables[0]) == 2


def test_a_workbook_has_real_dates(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    suggest(snapshot(store, tmp_path), store, StarterPredictor(), path, 1)
    (date,) = [row[3] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)]
    assert date.is_date
    assert date.value == datetime(2026, 11, 1)


def test_labelled_reviews_are_not_suggested_again(store: Store, tmp_path: Path) -> None:
    reviews = snapshot(store, tmp_path)
    filled = tmp_path / "filled.tsv"
    filled.write_text(f"source\treview_id\ttext\tlabel\ns\t'000\t{TEXTS[0]}\t긍정\n", "utf-8")
    import_labels(filled, store)
    made = suggest(reviews, store, StarterPredictor(), tmp_path / "a.jsonl", 100)
    assert (made.unlabeled, made.by_hand["positive"]) == (3, 1)
    assert "친절하고" not in (tmp_path / "a.jsonl").read_text("utf-8").replace("불친절하고", "")


def test_nothing_is_left_to_label(database: Database, tmp_path: Path) -> None:
    store = Store(database)
    save(store, LABELLED[:2])
    with pytest.raises(DataError, match="all 2 reviews of the last snapshot have a label"):
        suggest(snapshot(store, tmp_path), store, StarterPredictor(), tmp_path / "a.csv", 100)
    assert not (tmp_path / "a.csv").exists()


def test_an_unknown_suffix_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unknown file format"):
        suggest(snapshot(store, tmp_path), store, StarterPredictor(), tmp_path / "a.xls", 100)


def test_a_filled_table_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    path, reviews = tmp_path / "a.csv", snapshot(store, tmp_path)
    suggest(reviews, store, StarterPredictor(), path, 100)
    suggest(reviews, store, StarterPredictor(), path, 100)
    filled = path.read_bytes().removesuffix(b"\n") + "긍정\n".encode()
    path.write_bytes(filled)
    with pytest.raises(DataError, match="already has labels: choose another file"):
        suggest(reviews, store, StarterPredictor(), path, 100)
    assert path.read_bytes() == filled
