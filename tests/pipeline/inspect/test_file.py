"""What is found in files as people have them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import SourceError
from tests.pipeline.awkward_tables import FILES
from tests.pipeline.inspect.tables import inspect, write

BROKEN_AT_ONCE = {
    *("bad_byte.csv", "old_workbook.csv", "protected.xlsx", "damaged.xlsx", "web_page.csv"),
    *("empty.csv", "not_json.jsonl", "not_a_list.json", "broken.json"),
}
"""Files that cannot be opened at all."""


@dataclass(frozen=True)
class Expected:
    """A file, and what is found in it.

    Attributes:
        name: The file.
        written: Format, encoding and delimiter.
        rows: Number of rows.
        taken: Column by field.
        as_is: Whether a run takes it.
        problems: Parts of the problems, in order; none of the others is said.
    """

    name: str
    written: tuple[str, str, str]
    rows: int
    taken: dict[str, str]
    as_is: bool = True
    problems: tuple[str, ...] = ()


DOCUMENT = {"text": "document", "label": "label"}
FEW = "a run would fail: too few"
CASES = [
    Expected(
        "shop_export.csv",
        ("CSV", "CP949", ","),
        2,
        {"group": "상품명", "text": "리뷰 내용", "rating": "별점", "date": "작성일"},
        problems=(FEW,),
    ),
    Expected(
        "semicolon.csv",
        ("CSV", "UTF-8 with a byte order mark", ";"),
        2,
        {"id": "id", **DOCUMENT},
        problems=(FEW,),
    ),
    Expected("pipe.txt", ("TSV", "UTF-8", "|"), 2, {"id": "id", **DOCUMENT}, problems=(FEW,)),
    Expected("excel_sep.csv", ("CSV", "UTF-8", ";"), 2, DOCUMENT, problems=(FEW,)),
    Expected("tabs.csv", ("CSV", "UTF-8", "tabs"), 2, DOCUMENT, problems=(FEW,)),
    Expected(
        "CAPITALS.CSV",
        ("CSV", "UTF-8", ","),
        2,
        {"text": "Document ", "label": "LABEL"},
        problems=(FEW,),
    ),
    Expected("months.zip", ("CSV", "CP949", ","), 2, DOCUMENT, problems=(FEW,)),
    Expected("answer.json", ("JSON", "UTF-8", ""), 2, DOCUMENT, problems=(FEW,)),
    Expected("pandas.json", ("JSON", "UTF-8", ""), 2, DOCUMENT, problems=(FEW,)),
    Expected(
        "nested.json",
        ("JSON", "UTF-8", ""),
        2,
        {"text": "review.text", "rating": "score.value", "date": "at"},
        as_is=False,
        problems=("as the settings below do (text review.text, rating score.value)", FEW),
    ),
    Expected("stream.ndjson", ("JSON lines", "UTF-8", ""), 2, DOCUMENT, problems=(FEW,)),
    Expected("workbook.csv", ("Excel workbook", "", ""), 2, DOCUMENT, problems=(FEW,)),
    Expected(
        "timestamps.parquet",
        ("Parquet", "", ""),
        3,
        {"text": "review", "rating": "rating", "date": "date"},
        problems=(FEW,),
    ),
    Expected(
        "headerless.csv",
        ("CSV", "UTF-8", ","),
        2,
        {"text": "text", "label": "label"},
        as_is=False,
        problems=("there is no header line", FEW),
    ),
    Expected(
        "nfd_header.csv",
        ("CSV", "UTF-8", ","),
        2,
        {"text": "본문", "label": "label"},
        as_is=False,
        problems=("no column has a known name for texts, but 본문 looks like the text", FEW),
    ),
    Expected(
        "topics.csv",
        ("CSV", "UTF-8", ","),
        6,
        {"text": "document", "rating": "rating"},
        as_is=False,
        problems=("the labels in column label have no clear meaning",),
    ),
    Expected(
        "zero_one_two.csv",
        ("CSV", "UTF-8", ","),
        3,
        {"text": "document"},
        as_is=False,
        problems=('source.values = { "0" = "negative", "1" = "neutral"',),
    ),
    Expected(
        "turned_round.csv",
        ("CSV", "UTF-8", ","),
        3,
        {"text": "document", "rating": "rating"},
        as_is=False,
        problems=("contradict the ratings", FEW),
    ),
    Expected(
        "unquoted_comma.csv",
        ("CSV", "UTF-8", ","),
        1,
        {"label": "label", "text": "document"},
        as_is=False,
        problems=("line 3: 3 fields, but the header has 2",),
    ),
    Expected(
        "two_texts.csv",
        ("CSV", "UTF-8", ","),
        1,
        DOCUMENT,
        as_is=False,
        problems=("has several columns document",),
    ),
    Expected(
        "header_only.csv",
        ("CSV", "UTF-8", ","),
        0,
        DOCUMENT,
        as_is=False,
        problems=("has a header line, but no rows",),
    ),
    Expected(
        "nothing_usable.csv",
        ("CSV", "UTF-8", ","),
        3,
        DOCUMENT,
        as_is=False,
        problems=("has no usable row: 3 missing texts",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_found(case: Expected) -> None:
    found = inspect(FILES / case.name)
    assert (found.format, found.encoding, found.delimiter) == case.written
    assert found.rows == case.rows
    assert {one.taken_for: one.name for one in found.columns if one.taken_for} == case.taken
    assert found.as_is == case.as_is
    assert len(found.problems) == len(case.problems), found.problems
    for problem, part in zip(found.problems, case.problems, strict=True):
        assert part in problem
        assert "\n" not in problem


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_the_toml_reads_the_same(path: Path, tmp_path: Path) -> None:
    if path.name in BROKEN_AT_ONCE:
        with pytest.raises(SourceError):
            inspect(path)
        return
    first = inspect(path)
    (tmp_path / "own.toml").write_text(first.toml, encoding="utf-8")
    again = inspect(path, config=tmp_path / "own.toml")
    assert again.columns == first.columns
    assert (again.ratings, again.run) == (first.ratings, first.run)
    assert json.loads(json.dumps(first.as_dict())) == first.as_dict()


def many(path: Path) -> Path:
    rows = [
        f"{n},{'좋아요 정말' if n % 2 else '아주 별로'} {n}번,{1 + n % 2 * 4}" for n in range(40)
    ]
    return write(path, ["id,document,rating", *rows, "41,,5", "42,그냥,3", "43,뭐,넷"])


def test_what_a_run_would_do(tmp_path: Path) -> None:
    found = inspect(many(tmp_path / "a.csv"))
    run = found.run
    assert run is not None
    assert run.trains
    assert run.classes == {"negative": 20, "positive": 20}
    assert sum(run.splits.values()) == 40
    assert run.does == "trains on all 40 examples and tests each in a cross-validation"
    assert run.splits["test"] == 0
    assert run.unlabelled == 1
    assert found.ratings == {"5": 20, "3": 1, "1": 20}
    reasons = [(one.why, one.rows, one.first) for one in found.unusable]
    assert reasons == [
        ("missing text", 1, "line 42"),
        ("rating is not understood", 1, 'line 44: "넷"'),
    ]
    assert found.problems == []


def test_two_sides_need_no_other_text(tmp_path: Path) -> None:
    rows = [f"호텔 {n % 3},{n % 10 + 1},직원이 친절 {n},방음이 안 됨 {n}" for n in range(30)]
    found = inspect(write(tmp_path / "a.csv", ["호텔명,Review score,장점,아쉬운 점", *rows]))
    taken = {one.taken_for: one.name for one in found.columns}
    assert taken == {
        "group": "호텔명", "rating": "Review score", "pros": "장점", "cons": "아쉬운 점"
    }  # fmt: skip
    assert (found.as_is, found.problems) == (True, [])
    assert found.run is not None
    assert found.run.classes == {"negative": 30, "positive": 30}
    assert found.run.rule == (
        "as given by the source, else using ratings: <= 4 of 10 is negative, >= 9 positive"
    )
    assert 'pros = "장점"\ncons = "아쉬운 점"' in found.toml
    assert "pros" not in inspect(many(tmp_path / "b.csv")).toml


def test_ratings_of_aspects_are_suggested(tmp_path: Path) -> None:
    rows = [
        f"방이 넓어요 {n},{1 + n % 5},{1 + n % 5},{5 - n % 5},{n % 4},{1 + n % 9}점"
        for n in range(40)
    ]
    path = write(tmp_path / "a.csv", ["후기,별점,맛,배달,좋아요 수,나이", *rows])
    toml = inspect(path).toml
    assert '\n# aspect_ratings = { "맛" = "맛", "배달" = "배달" }  # if they rate aspects\n' in toml
    chosen = inspect(path, 'source.aspect_ratings={"맛"="맛","배달"="배달"}')
    assert 'aspect_ratings = { "맛" = "맛", "배달" = "배달" }\n' in chosen.toml
    assert (chosen.problems, "#" in chosen.toml) == ([], False)
    assert [one.taken_for for one in chosen.columns[2:4]] == ["rating of 맛", "rating of 배달"]


def test_a_reversed_scale_is_said(tmp_path: Path) -> None:
    rows = [
        f"{n},{'좋아요 정말' if n % 2 else '아주 별로'} {n}번,{5 - n % 2 * 4}" for n in range(40)
    ]
    found = inspect(write(tmp_path / "a.csv", ["id,document,rating", *rows]))
    (problem,) = found.problems
    assert "turn the scale round with source.values" in problem
    turned = inspect(tmp_path / "a.csv", 'source.values={"1"=5,"5"=1}')
    assert turned.problems == []


def test_other_settings_count(tmp_path: Path) -> None:
    path = many(tmp_path / "a.csv")
    run = inspect(path, "split.folds=0").run
    assert run is not None
    assert run.does == f"trains on {run.splits['train']} of 40 examples"
    assert run.splits["test"] > 0
    run = inspect(path, "label.target=three").run
    assert run is not None
    assert run.classes == {"negative": 20, "neutral": 1, "positive": 20}
    assert "too few neutral reviews" in run.does


def test_a_test_file_counts(tmp_path: Path) -> None:
    path, test = many(tmp_path / "a.csv"), many(tmp_path / "b.csv")
    run = inspect(path, f"source.test_path={test}").run
    assert run is not None
    assert run.splits["test"] == 40
    gone = inspect(path, "source.test_path=gone.csv")
    assert gone.problems == ["no such file: gone.csv"]


def test_ratings_that_are_words_are_said_once(tmp_path: Path) -> None:
    found = inspect(write(tmp_path / "a.csv", ["후기,별점", "방이 넓어요,매우 만족"]))
    (reason,) = found.unusable
    assert (reason.why, reason.rows, reason.first) == ("rating is a word", 1, 'line 2: "매우 만족"')
    assert "set source.columns.label to its column" in found.problems[0]


def test_a_choice_between_columns_is_said(tmp_path: Path) -> None:
    found = inspect(write(tmp_path / "a.csv", ["내용,리뷰,label", "제목,방이 넓어요,1"]))
    assert found.problems[-1] == (
        "리뷰 is used as the text, not 내용: if that is wrong, set source.columns.text"
    )


def test_other_sheets_and_merged_cells_are_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, title in enumerate(("1월", "2월", "숨김")):
        sheet = book.active if number == 0 else book.create_sheet()
        assert isinstance(sheet, Worksheet)
        sheet.title = title
        sheet.append(["지점", "후기", "평점"])
        for row in range(10):
            sheet.append([None if row else "강남점", f"{title} {row}번째 후기", 1 + row % 5])
        sheet.sheet_state = "hidden" if title == "숨김" else "visible"
    book.save(tmp_path / "a.xlsx")
    found = inspect(tmp_path / "a.xlsx")
    (sheets,) = [one for one in found.problems if "sheet" in one]
    assert sheets.startswith("only the sheet 1월 is read, not 2월: set source.sheet")
    assert any("only 1 of 10 rows have a group (지점)" in one for one in found.problems)
    again = inspect(tmp_path / "a.xlsx", "source.sheet=2월")
    assert not [one for one in again.problems if "sheet" in one]
    assert again.columns[1].first[0].startswith("2월")
    assert 'sheet = "2월"' in again.toml


def test_any_number_of_columns(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(1500)]
    found = inspect(write(tmp_path / "a.csv", [",".join([*names, "리뷰"]), "," * 1500 + "좋아요"]))
    assert [one.name for one in found.columns] == [*names, "리뷰"]
    assert [one.name for one in found.columns if one.taken_for] == ["리뷰"]


def test_a_folder(tmp_path: Path) -> None:
    for month in (7, 8):
        write(tmp_path / f"{month}월.csv", ["document,label", f"방이 넓어요 {month},1"])
    found = inspect(tmp_path)
    assert (found.files, found.rows) == (["7월.csv", "8월.csv"], 2)


def test_hostile_cells_stay_on_their_line(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"document": "\x1b[31m빨강\n둘째", "label\x1b": "?\x07"}]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(rows[0]), encoding="utf-8")
    shown = json.dumps(inspect(path).as_dict()["columns"], ensure_ascii=False)
    assert "\x1b" not in json.loads(shown)[0]["first"][0]
    assert json.loads(shown)[1]["name"] == "label\\u001b"
