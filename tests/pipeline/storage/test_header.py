"""The header of a table, below rows of titles."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.errors import SourceError
from pipeline.storage.header import MAX_TITLE_ROWS, take_header
from pipeline.storage.tables import open_table

NAMES = ["번호", "매장명", "별점", "리뷰 내용"]
ROWS = [[1, "강남점", 5, "후기, 내용, 별점"], [2, "홍대점", 1, "별로예요"]]
TITLES: list[list[list[Any]]] = [
    [["2026년 7월 리뷰"]],
    [["2026년 7월 리뷰", "", "", ""]],
    [["리뷰"], ["기간", "2026-07-01"], [], ["총 2건"]],
    [["", "", "", ""]],
    [[], ["리뷰 내용과 별점"], ["매장", "전체"]],
]


def write(folder: Path, rows: Sequence[Sequence[Any]], suffix: str) -> Path:
    path = folder / f"export{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                if cell != "":
                    book.worksheets[0].cell(number, column, cell)
        book.save(path)
        return path
    lines = (",".join(f'"{one}"' if one else "" for one in row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("titles", TITLES, ids=str)
def test_titles_above_the_header_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, titles: list[list[str]], suffix: str
) -> None:
    path = write(tmp_path, [*titles, NAMES, *ROWS], suffix)
    with caplog.at_level(logging.INFO), open_table(path) as (names, rows):
        found = list(rows)
    assert names == NAMES
    assert [row.text("리뷰 내용") for row in found] == [row[-1] for row in ROWS]
    assert found[0].line == len(titles) + 2
    kind = "row" if suffix == ".xlsx" else "line"
    said = f"{path.name}: the names of the columns are in {kind} {len(titles) + 1}"
    assert (said in caplog.messages) == any(map(any, titles))


HEADERS = [
    [["id", "document", "label"], ["1", "좋아요", "1"]],
    [["번호", "본문", "감정"], ["1", "후기, 별점", "1"], ["2", "후기", "별점"]],
    [["리뷰"], ["좋아요"]],
    [["하나"], ["둘", "후기", "셋"]],
    [["a"], *[["title"]] * MAX_TITLE_ROWS, NAMES],
]


@pytest.mark.parametrize("rows", HEADERS, ids=lambda rows: str(rows[0]))
def test_other_first_rows_are_the_header(rows: list[list[str]]) -> None:
    found = take_header(enumerate(rows, 1))
    assert (found.cells, found.row, found.titles) == (rows[0], 1, 0)
    assert [cells for _, cells in found.rest] == rows[1:]


def test_a_table_without_a_value_has_no_header() -> None:
    found = take_header([(1, []), (2, ["", None])])
    assert (list(found.cells), list(found.rest)) == ([], [])


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_titles_above_unknown_names_are_an_error(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path, [["2026년 7월"], ["가", "나", "다"], ["1", "2", "3"]], suffix)
    with (
        pytest.raises(SourceError, match=r"delete (rows|lines) of titles above the header"),
        open_table(path) as (_, rows),
    ):
        list(rows)
