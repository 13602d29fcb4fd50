"""Columns that are found by their usual names."""

from pathlib import Path
from unicodedata import normalize

import pytest

from pipeline.crawl.sites.file_columns import find_columns
from pipeline.errors import SourceError
from pipeline.settings import FileColumns, FileSource
from pipeline.storage.column_names import USUAL_NAMES, usual_columns
from pipeline.storage.columns import text_column


@pytest.mark.parametrize("field", USUAL_NAMES)
def test_case_blanks_marks_and_forms_do_not_count(field: str) -> None:
    for name in USUAL_NAMES[field]:
        forms = (
            name.upper(),
            name.replace("_", " "),
            name.replace("_", ""),
            normalize("NFD", name),
        )
        for written in (name, f" {name} ", f"\ufeff{name}", f"{name}(5점 만점)", *forms):
            assert usual_columns(field, ["x", written]) == [written]
    assert usual_columns(field, ["x", "리 뷰 들"]) == []


def test_a_name_stands_for_one_field() -> None:
    names = [name for of_field in USUAL_NAMES.values() for name in of_field]
    assert len(names) == len(set(names))


def test_the_better_known_name_comes_first() -> None:
    assert usual_columns("text", ["내용", "Document", "리뷰 내용", "document"]) == [
        *("document", "Document", "리뷰 내용", "내용")
    ]


EXPORTS = [
    (
        ["Package Name", "App Version Code", "Device", "Review Submit Date and Time", "Star Rating",
         "Review Title", "Review Text", "Developer Reply Text"],
        FileColumns(text="Review Text", rating="Star Rating", date="Review Submit Date and Time"),
    ),
    (
        ["reviewId", "userName", "content", "score", "thumbsUpCount", "at", "replyContent"],
        FileColumns(text="content", rating="score", date="at", id="reviewId"),
    ),
    (
        ["리뷰글번호", "상품번호", "상품명", "리뷰구분", "구매자평점", "리뷰상세내용", "등록자",
         "리뷰등록일", "답글내용"],
        FileColumns(text="리뷰상세내용", rating="구매자평점", date="리뷰등록일", group="상품명",
                    id="리뷰글번호"),
    ),
    (
        ["지점", "작성일시", "별점(5점 만점)", "이용 후기"],
        FileColumns(text="이용 후기", rating="별점(5점 만점)", date="작성일시", group="지점"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("names", "columns"), EXPORTS, ids=[one[0][0] for one in EXPORTS])
def test_the_columns_of_usual_exports_are_found(names: list[str], columns: FileColumns) -> None:
    assert find(names)[0] == columns


def find(names: list[str], **settings: str) -> tuple[FileColumns, str]:
    source = FileSource(kind="file", path=Path("a.csv"), columns=FileColumns(**settings))
    found = find_columns(names, source)
    return found.columns, found.guessed


def test_columns_are_found_and_said() -> None:
    columns, said = find(["번호", "상품명", "내용", "리뷰", "평점", "작성일자", "감성"])
    assert columns == FileColumns(
        text="리뷰", label="감성", rating="평점", date="작성일자", group="상품명"
    )
    assert said == "text 리뷰 (not 내용), label 감성, rating 평점, date 작성일자, group 상품명"
    assert find(["id", "review", "label"])[1] == ""


def test_names_of_the_settings_win() -> None:
    columns, said = find(["리뷰", "내용", "별점", "점수"], text="내용", rating="점수")
    assert (columns.text, columns.rating, said) == ("내용", "점수", "")
    assert find(["리뷰", "별점"], rating="")[0].rating == ""
    assert find(["리뷰", "별점"], rating="평가")[0].rating == "평가"
    assert find(["내용", "리뷰"], group="리뷰")[0].text == "내용"


def test_the_text_column_of_predict(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x", encoding="utf-8")
    assert text_column(["id", "리뷰 내용", "Content"], "", path) == "리뷰 내용"
    with pytest.raises(SourceError, match="has no column document, text, review, 리뷰내용"):
        text_column(["id"], "", path)
