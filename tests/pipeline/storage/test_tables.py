import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import SourceError
from pipeline.storage.tables import open_table, table_writer

ROWS = [{"id": "1", "document": '따옴표 "하나'}, {"id": "2", "document": "둘, 셋\\n"}]


def read(path: Path) -> list[dict[str, Any]]:
    with open_table(path) as (_, rows):
        return [dict(row) for row in rows]


@pytest.mark.parametrize("name", ["t.tsv", "t.csv", "t.jsonl", "t.parquet", "t.tsv.gz", "t.csv.gz"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    with table_writer(tmp_path / name, ["id", "document"]) as write:
        write([dict(row) for row in ROWS[:1]])
        write([dict(row) for row in ROWS[1:]])
    assert read(tmp_path / name) == ROWS


def test_output_is_deterministic(tmp_path: Path) -> None:
    for name in ("a.tsv.gz", "b.tsv.gz"):
        with table_writer(tmp_path / name, ["id", "document"]) as write:
            write([dict(row) for row in ROWS])
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()


def test_no_file_is_written_if_the_block_raises(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), table_writer(tmp_path / "t.csv", ["id"]) as write:
        write([{"id": "1"}])
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_tabs_and_line_breaks_become_spaces_in_tsv(tmp_path: Path) -> None:
    with table_writer(tmp_path / "t.tsv", ["text", "n"]) as write:
        write([{"text": "가\t나\n다", "n": 1}, {"text": None, "n": None}])
    assert read(tmp_path / "t.tsv") == [{"text": "가 나 다", "n": "1"}, {"text": "", "n": ""}]


def test_quoted_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["id", "text"], ["1", "줄\n바꿈, 쉼표"]])
    assert read(path) == [{"id": "1", "text": "줄\n바꿈, 쉼표"}]


def test_cp949_is_read_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes("id\tdocument\n1\t뷁 똠방각하 최고\n".encode("cp949"))
    with caplog.at_level("INFO"):
        assert read(path) == [{"id": "1", "document": "뷁 똠방각하 최고"}]
    assert "reading t.tsv as CP949" in caplog.text


def broken_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(b"id\n" + b"1\n" * 1000)[:-8])


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("none.tsv", lambda path: None, "no such file"),
        ("t.xlsx", lambda path: path.touch(), "unknown file format"),
        ("t.parquet.gz", lambda path: path.touch(), "unknown file format"),
        ("t.parquet", lambda path: path.write_text("no"), "is not a Parquet file"),
        ("t.tsv.gz", lambda path: path.write_text("no"), "is not a complete gzip file"),
        ("t.tsv.gz", broken_gzip, "is not a complete gzip file"),
        ("t.csv", lambda path: path.write_bytes(b"id\n\xff\xff"), "neither UTF-8 nor CP949"),
        ("t.csv", lambda path: path.write_text('id\n"open'), "line 2: unexpected end of data"),
        ("t.jsonl", lambda path: path.write_text('{"id": 1}\nno\n'), "line 2: not JSON"),
        ("t.jsonl", lambda path: path.write_text("[1]\n"), "line 1: not a JSON object"),
    ],
)
def test_unreadable_table_is_an_error(
    tmp_path: Path, name: str, make: Callable[[Path], Any], message: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(SourceError, match=message):
        read(tmp_path / name)


def test_parquet_keeps_types_and_columns_without_values(tmp_path: Path) -> None:
    with table_writer(tmp_path / "t.parquet", ["n", "empty"], {"n": pa.int64()}) as write:
        write([{"n": 1, "empty": None}])
        write([{"n": 2, "empty": "값"}])
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == [
        {"n": 1, "empty": None},
        {"n": 2, "empty": "값"},
    ]


def test_jsonl_keeps_nested_values(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    row = {"text": "가", "nested": {"a": [1, None]}}
    path.write_text(json.dumps(row) + "\n\n")
    assert read(path) == [row]
