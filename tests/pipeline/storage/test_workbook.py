"""Excel workbooks: types, formulas, sizes, and files that attack their reader."""

import datetime
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.storage import workbook, workbook_writer
from pipeline.storage.table_writer import table_writer
from pipeline.storage.tables import column_types, open_table
from pipeline.storage.workbook_sheets import Sheet, write_workbook
from pipeline.storage.workbook_writer import Share
from tests.pipeline.awkward_tables import FILES

DAY, TIME = datetime.date(2026, 7, 3), datetime.datetime(2026, 7, 3, 0, 0)
ROW: dict[str, Any] = {
    "text": "방이 넓어요\r\n 둘째 줄 ",
    "controls": "a\x07b_x0041_\uffff<&>",
    "n": -5,
    "share": 0.1,
    "day": DAY,
    "time": TIME,
    "clock": datetime.time(1, 2, 3),
    "span": datetime.timedelta(hours=30),
    "yes": True,
}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with table_writer(path, list(rows[0])) as write:
        write(rows)
    return path


def read(path: Path, sheet: str = "") -> list[dict[str, Any]]:
    with open_table(path, sheet=sheet) as (_, rows):
        return [dict(row) for row in rows]


def test_values_keep_their_types(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", [ROW, dict.fromkeys(ROW), ROW])
    rows = read(path)
    assert rows == [ROW, dict.fromkeys(ROW), ROW]
    assert [type(value) for value in rows[0].values()] == [type(value) for value in ROW.values()]


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, [ROW]) for name in ("a.xlsx", "b.xlsx"))
    assert first.read_bytes() == second.read_bytes()


def test_what_excel_cannot_hold_becomes_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    aware = datetime.datetime(2026, 7, 3, tzinfo=datetime.UTC)
    row = {
        "id": 10**18,
        "nan": float("nan"),
        "old": datetime.date(1899, 7, 3),
        "aware": aware,
        "list": ["가"],
        "long": "😢" * 20_000,
    }
    (found,) = read(write(tmp_path / "t.xlsx", [row]))
    assert list(found.values())[:5] == [str(10**18), "nan", "1899-07-03", str(aware), '["가"]']
    assert found["long"] == "😢" * 16_383, "half a character is left out"
    assert "t.xlsx: texts of more than 32,767 characters, which Excel cuts off: 1" in caplog.text


@pytest.mark.parametrize(
    "text", ["=1+1", "+82-10-1234", "-_-", "@user", '"=1"', "＝1", "\t=1", "#N/A"]
)
def test_a_text_never_runs_as_a_formula(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", [{"text": text, "n": "-3.5"}])
    assert read(path) == [{"text": text, "n": "-3.5"}]
    book = openpyxl.load_workbook(path)
    cell, number = book.active[2]
    assert (cell.data_type, number.data_type) == ("s", "s")
    assert cell.quotePrefix == (text != "#N/A")
    book.close()


def test_texts_for_a_spreadsheet_get_an_apostrophe_and_others_stay(tmp_path: Path) -> None:
    texts = ["=1+1", "-_- 별로", '"=1"', "-3.5", "+1,000", "좋아요", "'=1"]
    for name in ("t.csv", "t.tsv"):
        for bom in (False, True):
            with table_writer(tmp_path / name, ["text"], bom=bom) as write:
                write([{"text": text} for text in texts])
            found = [row["text"] for row in read(tmp_path / name)]
            assert found == (["'=1+1", "'-_- 별로", '\'"=1"', *texts[3:]] if bom else texts)


@given(text=st.text(), number=st.integers() | st.floats())
def test_any_text_comes_back(text: str, number: float, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    (row,) = read(write(path, [{"key": "x", "text": text, "n": number}]))
    assert (row["text"] or "") == text
    assert str(row["n"]) == str(number) or row["n"] == number


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    path = FILES / "sheets.xlsx"
    assert read(path, "메모") == [{"review": "둘째 시트"}]
    with pytest.raises(SourceError, match=r"sheets\.xlsx has no sheet 없음; its sheets are: 코드,"):
        read(path, "없음")
    with pytest.raises(SourceError, match=r"a sheet can be chosen of a workbook \(\.xlsx\) only"):
        read(FILES / "missing.csv", "메모")


def test_types_of_a_sheet_in_parquet(tmp_path: Path) -> None:
    source, path = FILES / "sheets.xlsx", tmp_path / "t.parquet"
    with (
        open_table(source) as (names, rows),
        table_writer(path, names, column_types(source)) as write,
    ):
        write([*rows])
    table = pq.read_table(path)
    kinds = dict(zip(table.column_names, table.schema.types, strict=True))
    assert kinds["rating"] == pa.float64()
    assert kinds["seen"] == pa.timestamp("us")
    assert kinds["checked"] == pa.bool_()
    assert kinds["id"] == kinds["date"] == pa.string(), "a date beside #N/A is text"
    assert table.column("date").to_pylist()[::2] == ["2026-07-03", "2026-07-04"]


def archive(path: Path, changed: dict[str, bytes]) -> Path:
    """A copy of a sound workbook with some parts replaced."""
    with zipfile.ZipFile(FILES / "workbook.csv") as source:
        parts = {name: source.read(name) for name in source.namelist()} | changed
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTITIES = b"".join(
    b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10 if level else b"ha" * 10)
    for level in range(12)
)


def sheet(cells: bytes) -> bytes:
    return b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (MAIN, cells)


HEAD = b'<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({SHEET: b"<" * 20_000_000}, "unpacks to far more than its size: save the sheet as CSV"),
        ({SHEET: b"no xml"}, "is a damaged workbook"),
        ({STRINGS: b"<sst/>"}, "is a damaged workbook"),
        ({"xl/workbook.xml": b"<workbook/>"}, "is a damaged workbook|has no sheet with cells"),
        ({"[Content_Types].xml": b"<Types/>"}, "is a damaged workbook"),
        (
            {STRINGS: b"<!DOCTYPE sst [%s]><sst %s><si><t>&a11;</t></si></sst>" % (ENTITIES, MAIN)},
            "is a damaged workbook",
        ),
        (
            {SHEET: sheet(HEAD + b'<row r="99999999999"><c r="A9"><v>1</v></c></row>')},
            "is a damaged workbook .more than 1,048,576 rows",
        ),
        ({SHEET: sheet(HEAD + b'<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>')}, "damaged workbook"),
        (
            {SHEET: sheet(HEAD + b'<row r="2"><c r="C2"><v>1</v></c></row>')},
            "row 2: 3 cells, but the header has 1: give every column a name, or delete rows of",
        ),
    ],
)
def test_hostile_workbooks_are_refused(
    parts: dict[str, bytes], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=message):
        read(archive(tmp_path / "t.xlsx", parts))


def test_escaped_characters_are_read(tmp_path: Path) -> None:
    cells = (
        HEAD + b'<row r="2"><c r="A2" t="inlineStr"><is><t>a_x000D_\nb_xD800_</t></is></c></row>'
    )
    path = archive(tmp_path / "t.xlsx", {SHEET: sheet(cells)})
    assert read(path) == [{"text": "a\r\nb\ufffd"}]


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'.encode()
    cells = HEAD + b'<row r="2"><c r="A2" t="inlineStr"><is><t>&e;</t></is></c></row>'
    path = archive(tmp_path / "t.xlsx", {SHEET: doctype + sheet(cells)})
    with pytest.raises(SourceError, match="damaged workbook"):
        read(path)


def test_a_sheet_has_a_most_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_writer, "MAX_ROWS", 3)
    write(tmp_path / "t.xlsx", [{"a": 1}] * 2)
    with pytest.raises(SourceError, match=r"u\.xlsx: a sheet has at most 3 rows: write \.csv"):
        write(tmp_path / "u.xlsx", [{"a": 1}] * 3)
    assert [path.name for path in tmp_path.iterdir()] == ["t.xlsx"]


def test_letters_of_columns() -> None:
    letters: Iterable[str] = map(workbook_writer.column_letters, (1, 26, 27, 702, 703, 16_384))
    assert list(letters) == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert workbook.MAX_COLUMNS == 16_384


def test_a_workbook_for_people_has_sheets_with_frozen_headers_filters_and_widths(
    tmp_path: Path,
) -> None:
    path = tmp_path / "people.xlsx"
    sheets = [
        Sheet("요약", ["이름", "비율"], [["층간소음", Share(0.25)], ["=1+1", None]]),
        Sheet("<b>", ["=x"], ([number] for number in range(300))),
        Sheet("empty", ["a", "b"], []),
    ]
    with path.open("wb") as file:
        write_workbook(file, sheets, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["요약", "<b>", "empty"]
    first, second, empty = book
    assert [sheet.freeze_panes for sheet in book] == ["A2"] * 3
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:B3", "A1:A301", "A1:B1"]
    assert first.column_dimensions["A"].width > first.column_dimensions["B"].width > 6
    assert first["A1"].font.b
    assert not first["A2"].font.b
    assert (first["B2"].value, first["B2"].number_format) == (0.25, "0.0%")
    assert (first["A3"].value, first["A3"].data_type, first["A3"].quotePrefix) == (
        "=1+1",
        "s",
        True,
    )
    assert (second["A1"].data_type, second["A301"].value) == ("s", 299)
    assert empty.max_row == 1


def test_a_sheet_for_people_has_a_most_of_rows_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_writer, "MAX_ROWS", 3)
    path = tmp_path / "people.xlsx"
    rows: list[list[Any]] = [[1], [2], [3]]
    with path.open("wb") as file, pytest.raises(SourceError, match="at most 3 rows"):
        write_workbook(file, [Sheet("a", ["n"], rows)], path)
