"""Tables as people have them, in ``tests/files``, and what each of them gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        says="half_character.jsonl: rows with an invalid character (a lone surrogate), "
        "replaced by U+FFFD: 1 "
        "(first in line 1)",
    ),
    Readable("mixed_types.jsonl", TWO, lines=[1, 2], labels=[1, 0]),
    Readable("nfd_header.csv", TWO, lines=[2, 3], labels=[1, 0], column="본문"),
    Readable(
        "short_rows.csv",
        [*TWO, "다시 올게요"],
        lines=[2, 3, 5],
        labels=[1, 0, 1],
        says="short_rows.csv: rows with fewer fields than the header, missing fields are "
        "empty: 2 (first in line 3)",
    ),
    Readable(
        "workbook.csv",
        TWO,
        lines=[2, 3],
        labels=[1, 0],
        says="reading workbook.csv as an Excel workbook (.xlsx)",
    ),
    Readable(
        "semicolon.csv",
        ["방이 넓어요", "창문이 작아요; 추워요"],
        lines=[2, 3],
        labels=[1, 0],
        says="reading semicolon.csv with ; between its fields",
        rest={"id": "1"},
    ),
    Readable(
        "pipe.txt",
        TWO,
        lines=[2, 3],
        labels=[1, 0],
        says="reading pipe.txt with | between its fields",
    ),
    Readable(
        "excel_sep.csv",
        ["방이 넓어요", "창문이\r\n작아요"],
        lines=[3, 4],
        labels=[1, 0],
        says="reading excel_sep.csv with ; between its fields",
    ),
    Readable(
        "tabs.csv",
        TWO,
        lines=[2, 3],
        labels=[1, 0],
        says="reading tabs.csv with tabs between its fields",
    ),
    Readable("list.json", TWO, lines=[1, 2], labels=[1, 0], rest={"도시": None}),
    Readable(
        "answer.json",
        TWO,
        lines=[1, 2],
        labels=[1, 0],
        says="reading the list at data.reviews of answer.json",
    ),
    Readable("pandas.json", TWO, lines=[1, 2], labels=[1, 0]),
    Readable("lines.json", TWO, lines=[1, 3], labels=[1, 0]),
    Readable("stream.ndjson", TWO, lines=[1, 2], labels=[1, 0]),
    Readable("months.zip", TWO, lines=[2, 2], labels=[1, 0], says="reading 2026-07.csv as CP949"),
    Readable("binary.parquet", TWO, lines=[1, 2], labels=[1, 0], rest={"쪽": ["가"]}),
]
CONFIRM = "; say what they mean, for example source.values = "
UNCLEAR = ": the labels in column label have no clear meaning: "
NO_TEXT = ", not a text: name another column in source.columns (predict --column)"
FIELDS = (
    ", line 3: 3 fields, but the header has 2: put quotes around texts that hold the delimiter; if "
    "the text is the last column, source.join_fields=true (predict --join-fields) joins its parts"
)
REFUSED = {
    "unquoted_comma.csv": FIELDS,
    "comma_before_label.csv": FIELDS,
    "unclosed_quote.csv": ", line 3: unexpected end of data: the quote of a field in this row is "
    "never closed",
    "quote_within.csv": ", line 3: ',' expected after '\"'",
    "bad_byte.csv": ", line 3: byte 0xff is neither UTF-8 nor CP949 text: save the file as UTF-8",
    "two_texts.csv": " has several columns document: rename all but one",
    "old_workbook.csv": " is an old Excel workbook (.xls): save it as .xlsx in Excel",
    "protected.xlsx": " is protected by a password: save it without one",
    "damaged.xlsx": " is a damaged workbook (File is not a zip file): save it again in Excel",
    "web_page.csv": " is a web page (HTML or XML), not a table: open it and save it as .xlsx in "
    "Excel",
    "headerless.csv": " has no column document, text, review, 리뷰내용, 리뷰, 내용, 후기, content, "
    "comment or body; its columns are: 방이 넓고 창문이 커서 하루 종일 해…, 1; "
    "name the column of the texts with --column; has the file a header line?",
    "empty.csv": " is empty",
    "not_a_list.json": " holds no list of objects; it is an object with status, message: name the "
    "path of the list with source.items",
    "broken.json": ", line 2: not JSON: Expecting value: line 2 column 1 (char 2…",
    "binary_cp949.parquet": ", row 1: column document holds binary that is not UTF-8" + NO_TEXT,
    "tokens.parquet": ": column document holds list<element: string>" + NO_TEXT,
    "lists.jsonl": ", line 2: column document holds a list" + NO_TEXT,
    "not_json.jsonl": ", line 2: not JSON: {'document': '창문이 작아요', 'label': 0}",
}
"""What the error says after the name of the file, in ``predict`` and, unless
:data:`REFUSED_AS_SOURCE` has it, in a crawl."""
REFUSED_AS_SOURCE = {
    "headerless.csv": REFUSED["headerless.csv"].replace(
        "name the column of the texts with --column",
        "`review-sentiment inspect FILE` shows which one may hold the texts",
    ),
    "header_only.csv": " has a header line, but no rows",
    "zero_one_two.csv": UNCLEAR
    + '"2" 1, "1" 1, "0" 1'
    + CONFIRM
    + '{ "0" = "negative", "1" = "neutral", "2" = "positive" }',
    "one_two.csv": UNCLEAR + '"2" 1, "1" 1' + CONFIRM + '{ "1" = "negative", "2" = "positive" }',
    "topics.csv": UNCLEAR
    + '"0" 2, "1" 1, "2" 1, "3" 1, "4" 1'
    + CONFIRM
    + '{ "0" = "negative", "1" = "", "2" = "", "3" = "", "4" = "positive" }, or use the ratings '
    'alone with source.columns.label = ""',
    "stars_as_labels.csv": UNCLEAR
    + '"5" 1, "1" 1, "4" 1, "2" 1, "3" 1'
    + CONFIRM
    + '{ "1" = "negative", "2" = "", "3" = "", "4" = "", "5" = "positive" }, or if they are '
    'ratings, set source.columns.label = "" and source.columns.rating = "label"',
    "grades.csv": UNCLEAR
    + '"상" 1, "중" 1, "하" 1; say what each means ("negative", "neutral", "positive", or "" to '
    'skip its rows) with source.values = { "상" = "...", "중" = "...", "하" = "..." }',
    "turned_round.csv": ': the labels in column label ("0" 2, "1" 1) contradict the ratings in '
    'column rating in 3 of 3 rows; use the ratings alone with source.columns.label = "", the '
    'labels alone with source.columns.rating = "", or '
    "confirm what the ratings in column rating show with "
    'source.values = { "0" = "positive", "1" = "negative" }',
    "label_lists.jsonl": ", line 1: column label holds a list" + NO_TEXT,
    "date_objects.jsonl": ", line 1: column date holds an object" + NO_TEXT,
    "two_scales.csv": ': ratings are out of 10 (line 2: "8/10") and out of 5 (line 4: "1/5"): '
    "convert them to one scale",
    "nothing_usable.csv": ' has no usable row: 3 missing texts (first in line 2: "None")',
}
"""What the error of a crawl says after the name of the file; ``predict`` reads these."""
