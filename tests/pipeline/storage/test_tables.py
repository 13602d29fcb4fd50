import codecs
import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.storage.columns import missing_column
from pipeline.storage.table_writer import table_writer
from pipeline.storage.tables import column_types, open_table

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
        ("t.xlsx", lambda path: path.touch(), "is not an Excel workbook"),
        ("t.xlsx", lambda path: path.write_text("id\n1\n"), "give it the suffix of its format"),
        ("t.xlsm", lambda path: path.touch(), r"unknown file format; save the workbook as \.xlsx"),
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


def test_suffixes_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "T.CSV").write_text("id,document\n1,가\n", encoding="utf-8")
    assert read(tmp_path / "T.CSV") == [{"id": "1", "document": "가"}]


def test_a_name_says_how_a_file_is_compressed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"id\n1\n"))
    with pytest.raises(SourceError, match=r"t\.csv is compressed with gzip: add \.gz to its name"):
        read(tmp_path / "t.csv")
    pq.write_table(pa.table({"id": [1]}), tmp_path / "p.csv")
    with pytest.raises(SourceError, match="is a Parquet file: give it the suffix"):
        read(tmp_path / "p.csv")
    with zipfile.ZipFile(tmp_path / "z.csv", "w") as archive:
        archive.writestr("a.csv", "id\n1\n")
    with pytest.raises(SourceError, match="is a zip archive: unpack it first"):
        read(tmp_path / "z.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("가\n나\n".encode("cp949") + b"\xff\n", "line 3: byte 0xff is neither UTF-8 nor CP949"),
        (codecs.BOM_UTF8 + b"id\n\xff\n", "line 2: byte 0xff is not utf-8 text"),
        ("\ufeffid\n가\n".encode("utf-16-le") + b"\x00\xd8\n\0", "line 3: byte 0x00 is not utf-16"),
        (b"id\n" + "가나".encode()[:5], "line 2: byte 0xeb is neither UTF-8 nor CP949"),
    ],
)
def test_a_bad_byte_is_named_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read(tmp_path / "t.csv")


def test_a_deeply_nested_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"id": 1}\n{"id": ' + "[" * 200_000 + "\n")
    with pytest.raises(SourceError, match="line 2: not JSON"):
        read(tmp_path / "t.jsonl")


def test_lists_and_objects_in_a_text_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": "가"}\n{"a": ["나"]}\n{"a": {}}\n', encoding="utf-8")
    with open_table(tmp_path / "t.jsonl") as (_, rows):
        assert next(rows).text("a") == "가"
        with pytest.raises(SourceError, match=r"t\.jsonl, line 2: column a holds a list"):
            next(rows).text("a")
        with pytest.raises(SourceError, match=r"t\.jsonl, line 3: column a holds an object"):
            next(rows).text("a")


def test_a_message_does_not_print_a_whole_review(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(20)]
    assert str(missing_column("text", names, tmp_path / "t.csv")).endswith(
        "its columns are: " + ", ".join(names[:12]) + ", 8 more"
    )


def copy(source: Path, output: Path) -> list[dict[str, Any]]:
    with (
        open_table(source) as (names, rows),
        table_writer(output, names, column_types(source)) as write,
    ):
        write([*rows])
    return read(output)


def test_values_keep_their_types_in_a_parquet_copy(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\n007,1\n008,\n")
    assert copy(tmp_path / "t.csv", tmp_path / "a.parquet") == [
        {"id": "007", "n": "1"},
        {"id": "008", "n": ""},
    ]
    rows: list[dict[str, Any]] = [
        {"i": 1, "f": 1, "b": True, "big": 2**70, "exact": 2**60 + 1, "none": None},
        {"i": -(2**63) + 1, "f": 0.5, "b": None, "big": 1, "exact": 0.5, "none": None},
    ]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert copy(tmp_path / "t.jsonl", tmp_path / "b.parquet") == [
        rows[0] | {"f": 1.0, "big": str(2**70), "exact": str(2**60 + 1)},
        rows[1] | {"big": "1", "exact": "0.5"},
    ]


def test_parquet_to_other_formats(tmp_path: Path) -> None:
    table = pa.table(
        {
            "day": [date(2026, 7, 3)],
            "kind": pa.array(["가"]).dictionary_encode(),
            "tags": [["가", "나"]],
            "at": [{"x": 1}],
            "raw": pa.array([b"\xff"], pa.binary()),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    assert copy(tmp_path / "t.parquet", tmp_path / "a.parquet") == table.to_pylist()
    with pytest.raises(SourceError, match=r"binary values that are not UTF-8 text: write a \.par"):
        copy(tmp_path / "t.parquet", tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()
    pq.write_table(table.drop_columns("raw"), tmp_path / "t.parquet")
    assert copy(tmp_path / "t.parquet", tmp_path / "a.csv") == [
        {"day": "2026-07-03", "kind": "가", "tags": '["가", "나"]', "at": '{"x": 1}'}
    ]


def test_two_parquet_columns_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["n", "n"]), tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet") == [{"n": 1, "n#2": 2}]


cells = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\t\",'= \x00"))


@given(rows=st.lists(st.tuples(cells, cells), min_size=1))
def test_any_text_comes_back(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    expected = [{"a": one, "b": two} for one, two in rows]
    for name in ("any.csv", "any.jsonl", "any.parquet"):
        with table_writer(folder / name, ["a", "b"]) as write:
            write([dict(row) for row in expected])
        assert read(folder / name) == expected
    with table_writer(folder / "any.tsv", ["a", "b"]) as write:
        write([dict(row) for row in expected])
    assert len(read(folder / "any.tsv")) == len(rows)
