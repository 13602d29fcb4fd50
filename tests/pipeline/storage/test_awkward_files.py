"""Files as people have them, read by the file source and by ``predict``."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.sites.file import check_file, read_reviews
from pipeline.errors import SourceError
from pipeline.predict.files import TableJob, predict_file
from pipeline.predict.predictor import Predictor
from pipeline.settings import FileColumns
from pipeline.storage.tables import open_table
from pipeline.target.kinds import BINARY
from tests.pipeline.small_model import trained
from tests.processes import ROOT

FILES = ROOT / "tests" / "files"


@dataclass(frozen=True)
class Readable:
    """A file that is read.

    Attributes:
        name: The file.
        texts: The texts of all rows.
        lines: The lines in which the rows begin.
        labels: The labels of the reviews; rows without a text are none.
        column: The text column, if it has another name.
        join: Whether fields beyond the header are joined.
        says: What the log says.
        rest: The other cells of the first row.
    """

    name: str
    texts: list[str]
    lines: list[int]
    labels: list[int]
    column: str = ""
    join: bool = False
    says: str = ""
    rest: dict[str, Any] | None = None


TWO = ["방이 넓어요", "창문이 작아요"]
READABLE = [
    Readable(
        "pandas.tsv",
        ['배송이 빨라요\n포장도 "꼼꼼"해요', "가격이 싸요, 그런데 약해요", "탭이\t들어간 후기"],
        lines=[2, 4, 5],
        labels=[1, 0, 1],
        says="reading pandas.tsv with quoted fields",
    ),
    Readable(
        "excel.txt",
        ["조용하고, 깨끗해요", "첫 줄\n둘째 줄", "그냥 그래요"],
        lines=[2, 3, 5],
        labels=[1, 0, 0],
        says="reading excel.txt with quoted fields",
        rest={"번호": "1"},
    ),
    Readable(
        "r.tsv",
        ['사장님이 "친절"해요', "맛이 없어요"],
        lines=[2, 3],
        labels=[1, 0],
        says="reading r.tsv with quoted fields",
        rest={"": "1"},
    ),
    Readable(
        "stray_quotes.txt",
        [
            '"완벽한 여행이군"',
            '"쌈마이" 라는 말이 어울려요',
            '그는 "최고"라고 했다',
            '"닫지 않은 따옴표',
            '끝에만"',
        ],
        lines=[2, 3, 4, 5, 6],
        labels=[1, 0, 1, 0, 1],
    ),
    Readable(
        "unquoted_comma.csv",
        ["방이 넓어요", "좋아요, 그런데 배송이 최악이에요"],
        lines=[2, 3],
        labels=[1, 0],
        join=True,
    ),
    Readable(
        "same_names.csv", TWO, lines=[2, 3], labels=[1, 0], rest={"메모": "가", "메모#2": "나"}
    ),
    Readable("trailing_commas.csv", TWO, lines=[2, 3], labels=[1, 0]),
    Readable("later_keys.jsonl", TWO, lines=[1, 3], labels=[1, 0], rest={"도시": None}),
    Readable(
        "half_character.jsonl",
        ["최고예요\ufffd", "별로😢"],
        lines=[1, 2],
        labels=[1, 0],
        says="half_character.jsonl: rows with half a character (a lone surrogate), now U+FFFD: 1 "
        "(first in line 1)",
    ),
    Readable("mixed_types.jsonl", TWO, lines=[1, 2], labels=[1, 0]),
    Readable("nfd_header.csv", TWO[:1], lines=[2], labels=[1], column="본문"),
    Readable(
        "short_rows.csv",
        [*TWO, "다시 올게요"],
        lines=[2, 3, 5],
        labels=[1, 0, 1],
        says="short_rows.csv: rows with fewer fields than the header, whose last columns are "
        "empty: 2 (first in line 3)",
    ),
    Readable("binary.parquet", TWO, lines=[1, 2], labels=[1, 0], rest={"쪽": ["가"]}),
]
REFUSED = {
    "unquoted_comma.csv": "line 3: 3 fields, but the header has 2: put quotes around texts that "
    "hold the delimiter; if the text is the last column, source.join_fields=true "
    "(predict --join-fields) joins its parts",
    "comma_before_label.csv": "line 3: 3 fields, but the header has 2",
    "unclosed_quote.csv": "line 3: unexpected end of data: the quote of a field in this row is "
    "never closed",
    "quote_within.csv": "line 3: ',' expected after '\"'",
    "bad_byte.csv": "line 3: byte 0xff is neither UTF-8 nor CP949 text: save the file as UTF-8",
    "two_texts.csv": "two_texts.csv has several columns document: rename all but one",
    "workbook.csv": "is an Excel workbook (.xlsx): save it as CSV UTF-8 in Excel",
    "old_workbook.csv": "is an old Excel workbook (.xls): save it as CSV UTF-8 in Excel",
    "web_page.csv": "is a web page (HTML or XML), not a table: open it and save it as CSV "
    "UTF-8 in Excel",
    "headerless.csv": "its columns are: 방이 넓고 창문이 커서 하루 종일 해…, 1; has the file a "
    "header line?",
    "empty.csv": "empty.csv is empty",
    "binary_cp949.parquet": "row 1: column document holds binary that is not UTF-8, not a text",
    "tokens.parquet": "column document holds list<element: string>, not a text",
}
EARLY = set(REFUSED) - {
    *("comma_before_label.csv", "unquoted_comma.csv", "unclosed_quote.csv", "quote_within.csv"),
    "binary_cp949.parquet",
}
"""Refused before any row is read."""


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return trained(tmp_path_factory.mktemp("model"), BINARY, high=1)


def readable(test: Any) -> Any:
    return pytest.mark.parametrize("case", READABLE, ids=lambda case: case.name)(test)


def read(path: Path) -> Iterator[str]:
    for batch in read_reviews(path, "file", FileColumns(), Counter()):
        yield from (review.text for review in batch)


@readable
def test_the_rows_of_a_table(case: Readable, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        open_table(FILES / case.name, join_fields=case.join) as (names, rows),
    ):
        read = list(rows)
    text = case.column or "document"
    assert [row[text] for row in read] == case.texts
    assert [row.line for row in read] == case.lines
    assert {name: read[0].get(name) for name in case.rest or {}} == (case.rest or {})
    assert set().union(*read) <= set(names)
    assert [record.getMessage() for record in caplog.records] == ([case.says] if case.says else [])


@readable
def test_the_reviews_of_a_source(case: Readable) -> None:
    columns = FileColumns(text=case.column)
    check_file(FILES / case.name, columns, join_fields=case.join)
    skipped = Counter[str]()
    batches = read_reviews(FILES / case.name, "file", columns, skipped, join_fields=case.join)
    reviews = [review for batch in batches for review in batch]
    assert [(one.text, one.label) for one in reviews] == list(
        zip(case.texts, case.labels, strict=True)
    )
    assert [one.review_id for one in reviews][-1] in (f"row {len(reviews)}", str(len(reviews)))
    assert not skipped


@readable
@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.jsonl", "out.parquet"])
def test_predictions_keep_rows_and_cells(
    case: Readable, output: str, predictor: Predictor, tmp_path: Path
) -> None:
    path = tmp_path / output
    job = TableJob(FILES / case.name, path, case.column, join_fields=case.join)
    assert predict_file(predictor.target, predictor.answer, job) == (len(case.texts), 0)
    with open_table(FILES / case.name, join_fields=case.join) as (names, rows):
        before = list(rows)
    with open_table(path) as (columns, rows):
        after = list(rows)
    assert set(columns) == {*names, "label", "probability"}
    text = case.column or "document"
    texts = [" ".join(one.split()) for one in case.texts] if output == "out.tsv" else case.texts
    assert [row[text] for row in after] == texts
    assert all(row["label"] in ("positive", "negative") for row in after)
    if output in ("out.jsonl", "out.parquet"):
        for old, new in zip(before, after, strict=True):
            others = old.keys() - {"label", "층", "값", "태그"}
            assert {name: new.get(name) for name in others} == {name: old[name] for name in others}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files(name: str, predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        list(read(FILES / name))
    assert str(error.value).startswith(str(FILES / name))
    assert REFUSED[name] in str(error.value)
    assert "\n" not in str(error.value)
    job = TableJob(FILES / name, tmp_path / "out.csv")
    with pytest.raises(SourceError) as in_prediction:
        predict_file(predictor.target, predictor.answer, job)
    assert str(in_prediction.value).startswith(str(FILES / name))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(EARLY))
def test_files_refused_before_a_run(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        check_file(FILES / name, FileColumns())
    with pytest.raises(SourceError):
        TableJob(FILES / name, tmp_path / "out.csv").check()


def test_a_header_without_rows(predictor: Predictor, tmp_path: Path) -> None:
    path = FILES / "header_only.csv"
    with pytest.raises(SourceError, match=r"header_only\.csv has a header line, but no rows"):
        check_file(path, FileColumns())
    job = TableJob(path, tmp_path / "out.csv")
    assert predict_file(predictor.target, predictor.answer, job) == (0, 0)


def test_texts_of_which_nothing_is_left_get_no_answer(
    predictor: Predictor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = TableJob(FILES / "nothing_left.csv", tmp_path / "out.jsonl")
    with caplog.at_level(logging.INFO):
        assert predict_file(predictor.target, predictor.answer, job) == (5, 4)
    assert "nothing_left.csv: 4 of 5 rows hold no text to predict" in caplog.text
    with open_table(job.output) as (_, rows):
        answers = [(row["label"], row["probability"]) for row in rows]
    assert answers[:4] == [(None, None)] * 4
    assert answers[4] != (None, None)


def test_mixed_types_become_text_in_parquet(
    predictor: Predictor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = TableJob(FILES / "mixed_types.jsonl", tmp_path / "out.parquet")
    with caplog.at_level(logging.INFO):
        predict_file(predictor.target, predictor.answer, job)
    assert "mixed_types.jsonl: values of several types become text in 층" in caplog.messages
    with open_table(job.output) as (_, rows):
        cells = [(row["층"], row["값"], row["태그"]) for row in rows]
    assert cells == [("3", 1.0, '["가"]'), ("반지하", 2.5, None)]


def test_the_output_has_a_byte_order_mark_if_the_input_has(
    predictor: Predictor, tmp_path: Path
) -> None:
    for name, bom, expected in [
        ("same_names.csv", False, True),
        ("excel.txt", False, True),
        ("nfd_header.csv", False, False),
        ("nfd_header.csv", True, True),
    ]:
        column = "본문" if name.startswith("nfd") else ""
        job = TableJob(FILES / name, tmp_path / "out.csv", column, bom=bom)
        predict_file(predictor.target, predictor.answer, job)
        assert job.output.read_bytes().startswith(b"\xef\xbb\xbf") == expected
        with open_table(job.output) as (columns, _):
            assert "label" in columns
