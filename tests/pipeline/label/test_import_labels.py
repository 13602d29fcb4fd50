import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import SourceError
from pipeline.label.import_labels import import_labels
from pipeline.label.suggest import suggest
from pipeline.predict.starter import StarterPredictor
from pipeline.reviews.hand_labels import Saved, read_labels
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE
from pipeline.reviews.store import Store
from pipeline.storage.database import Database
from tests.pipeline.label.stores import REVIEWS, TEXTS, fill, save, snapshot

ROWS = [{"source": "s", "review_id": f"00{at}", "text": text} for at, text in enumerate(TEXTS)]


@pytest.fixture
def store(database: Database) -> Store:
    return fill(database)


def given(store: Store) -> dict[str, int]:
    with store.database.reading() as connection:
        return {one.review_id: one.label for one in read_labels(connection, "s").values()}


def write(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "filled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def refused(path: Path, store: Store) -> str:
    """The message about a table; nothing is saved."""
    before = given(store)
    with pytest.raises(SourceError) as raised:
        import_labels(path, store)
    assert given(store) == before
    message = str(raised.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_a_table_as_a_spreadsheet_saves_it(store: Store, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    suggest(snapshot(store, tmp_path), store, StarterPredictor(), path, 100)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = dict(zip(sorted(row["review_id"] for row in rows), "0110", strict=True))
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label": labels[row["review_id"]]} for row in rows)
    done = import_labels(path, store)
    assert (done.saved, done.empty, done.edited) == (Saved(4, 0, 0), 0, [])
    assert str(done.scheme) == "0/1 read as negative/positive"
    assert given(store) == {"000": 0, "001": 1, "002": 1, "003": 0}
    assert import_labels(path, store).saved == Saved(0, 0, 4)


def test_words_of_several_schemes_and_empty_cells(store: Store, tmp_path: Path) -> None:
    labels = ("긍정", "Negative", "", "중립")
    path = write(tmp_path, *({**row, "label": one} for row, one in zip(ROWS, labels, strict=True)))
    done = import_labels(path, store)
    assert (done.saved, done.empty) == (Saved(3, 0, 0), 1)
    assert given(store) == {"000": POSITIVE, "001": NEGATIVE, "003": NEUTRAL}


def test_labels_of_another_table_stay(store: Store, tmp_path: Path) -> None:
    import_labels(write(tmp_path, ROWS[0] | {"label": "1"}, ROWS[1] | {"label": "1"}), store)
    done = import_labels(write(tmp_path, ROWS[1] | {"label": "0"}), store)
    assert done.saved == Saved(0, 1, 0)
    assert given(store) == {"000": POSITIVE, "001": NEGATIVE}


def test_a_dry_run_saves_nothing(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, ROWS[0] | {"label": "1"})
    assert import_labels(path, store, dry_run=True).saved == Saved(1, 0, 0)
    assert given(store) == {}
    assert import_labels(path, store).saved == Saved(1, 0, 0)


def test_labels_of_edited_texts_are_left_out(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, ROWS[0] | {"label": "1"}, ROWS[1] | {"label": "0"})
    save(store, [replace(REVIEWS[1], text="이제 깨끗해요")], crawl=2)
    done = import_labels(path, store)
    assert (done.saved, done.edited) == (Saved(1, 0, 0), ["line 2"])
    assert given(store) == {"000": POSITIVE}


@pytest.mark.parametrize("label", ["긍적", "3", "x" * 1_000])
def test_a_label_without_a_meaning_is_refused(store: Store, tmp_path: Path, label: str) -> None:
    path = write(tmp_path, ROWS[0] | {"label": "긍정"}, ROWS[1] | {"label": label})
    message = refused(path, store)
    assert message.startswith(f", line 2: label {label[:2].strip()}")
    assert "write positive, negative or neutral" in message


def test_what_cannot_be_saved_is_refused_with_its_row(store: Store, tmp_path: Path) -> None:
    good = ROWS[0] | {"label": "1"}
    for bad, message in (
        (ROWS[0] | {"label": "0"}, "review 000 is negative here and positive in line 1"),
        (ROWS[1] | {"review_id": "9", "label": "0"}, "the store has no review 9 of s: correct"),
        (ROWS[1] | {"source": "t", "label": "0"}, "the store has no source t, only s: pass the"),
    ):
        assert refused(write(tmp_path, good, bad), store).startswith(f", line 2: {message}")


def test_a_table_of_another_workspace_is_refused(store: Store, tmp_path: Path) -> None:
    other = [row | {"text": f"다른 글 {at}", "label": "1"} for at, row in enumerate(ROWS)]
    assert "the table is from another workspace" in refused(write(tmp_path, *other), store)


def test_tables_without_labels_or_columns_are_refused(store: Store, tmp_path: Path) -> None:
    assert "has no label yet" in refused(write(tmp_path, ROWS[0] | {"label": ""}), store)
    assert "has no column label" in refused(write(tmp_path, ROWS[0]), store)


def test_an_empty_store_asks_for_a_crawl(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, ROWS[0] | {"label": "1"})
    assert "run `review-sentiment crawl` first" in refused(path, Store(database))


def test_a_workbook_that_was_filled_in_excel(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    suggest(snapshot(store, tmp_path), store, StarterPredictor(), path, 100)
    book = openpyxl.load_workbook(path)
    columns = {cell.value: cell.column for cell in book.active[1]}
    for row in range(2, book.active.max_row + 1):
        book.active.cell(row, columns["label"], row % 2)
    book.save(path)
    done = import_labels(path, store)
    assert (done.saved, done.empty, done.edited) == (Saved(4, 0, 0), 0, [])
