"""Files as people have them, through the stages crawl and prepare."""

import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

import pytest

from pipeline.crawl.run import check_source, crawl
from pipeline.errors import SourceError
from pipeline.prepare.clean import clean
from pipeline.prepare.examples import read_examples
from pipeline.reviews.store import Store, open_store
from pipeline.settings import FileSource, Settings, load_settings
from pipeline.stages import crawl as crawling
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.database import Database
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.pipeline.awkward_tables import FILES, READABLE, REFUSED, REFUSED_AS_SOURCE

CHANGED = datetime(2026, 7, 3, 3, tzinfo=UTC).timestamp()
"""When a file was changed: relative dates refer to it."""


Row = tuple[str, int | None, float | None, str]
"""Text, label, rating and date."""


@dataclass(frozen=True)
class Reviews:
    """A file, and what the store and the examples hold of it.

    Attributes:
        name: The file.
        rows: The reviews.
        examples: A character for each review: ``1`` for a positive example, ``0`` for a negative
            one, ``-`` for none.
        says: What the log says, besides the number of reviews.
        column: The text column, if it has another name.
        join: Setting ``source.join_fields``.
        settings: Further settings.
    """

    name: str
    rows: list[Row]
    examples: str
    says: str = ""
    column: str = ""
    join: bool = False
    settings: tuple[str, ...] = ()


def labelled(*reviews: tuple[str, int | None]) -> list[Row]:
    return [(text, label, None, "") for text, label in reviews]


def rated(*reviews: tuple[str, float]) -> list[Row]:
    return [(text, None, rating, "") for text, rating in reviews]


GOOD, BAD = ("방이 넓어요", "위치가 좋아요"), ("창문이 작아요", "방이 추워요")
NEUTRAL = "그냥 그래요"
DATED = {
    "방이 넓어요": "2026-07-03",
    "창문이 작아요": "2026-07-03",
    "위치가 좋아요": "2026-01-05",
    "방이 추워요": "2026-07-03",
    "조용해서 좋아요": "2026-07-03",
    "시끄러워요": "2026-07-03",
    "다시 올게요": "2026-07-03",
    "냄새가 나요": "2026-07-03",
    "깨끗해요": "2026-07-03",
    "늦게 왔어요": "2026-07-03",
    "친절해요": "2025-07-24",
    "불친절해요": "2024-11-14",
    "맛있어요": "2026-10-05",
    "맛이 없어요": "2026-07-03",
    "추천해요": "2026-06-30",
    "비싸요": "2026-07-03",
    "만족해요": "",
    "실망했어요": "",
    "편해요": "",
    "좁아요": "",
}
RATED = dict(zip(DATED, (5, 1, 4.5, 2, 4, 1, 5, 1, 4, 1.5, 4), strict=False)) | {NEUTRAL: 3}
NEXT = "; see source.rating_pattern and source.rating_factor)"
CASES = [
    *(
        Reviews(
            one.name,
            labelled(*zip(one.texts, one.labels, strict=True)),
            "".join(map(str, one.labels)),
            column=one.column,
            join=one.join,
        )
        for one in READABLE
    ),
    Reviews(
        "dates.csv",
        [(text, 1 - n % 2, None, date) for n, (text, date) in enumerate(DATED.items())],
        "10" * 10,
        '3 dates not understood (first in line 18 of dates.csv: "뒤집기")',
    ),
    Reviews(
        "timestamps.parquet",
        [(GOOD[0], None, 5, "2026-07-03"), (BAD[0], None, 1, "")],
        "10",
        "1 skipped: 1 missing text (first in row 3 of timestamps.parquet)",
        column="review",
    ),
    Reviews(
        "sheets.xlsx",
        [
            ("방이 넓어요", None, 5, "2026-07-03"),
            ("창문이\n작아요", None, 1.5, "2026-07-04"),
            ("=나쁘지 않아요", None, 4, ""),
        ],
        "101",
        "1 skipped: 1 missing text (first in row 4 of sheets.xlsx)",
    ),
    Reviews(
        "ratings.tsv",
        rated(*RATED.items()),
        "10" * 5 + "1-",
        '2 ratings not understood (first in line 14 of ratings.tsv: "4.5 (123)"'
        + NEXT
        + ', 2 skipped: 2 ratings not understood (first in line 14 of ratings.tsv: "4.5 (123)")',
    ),
    Reviews(
        "ratings_of_ten.csv",
        rated((GOOD[0], 10), (BAD[0], 3), ("위치가\n좋아요", 10), (NEUTRAL, 7), (BAD[1], 1)),
        "101-0",
    ),
    Reviews(
        "ratings_of_100.csv",
        rated((GOOD[0], 100), (BAD[0], 20), (NEUTRAL, 60), (GOOD[1], 80), (BAD[1], 40)),
        "10-10",
    ),
    Reviews(
        "doubled_stars.jsonl",
        rated((GOOD[0], 10), (GOOD[1], 8), (NEUTRAL, 6), (BAD[1], 4), (BAD[0], 2)),
        "11-00",
        column="text",
    ),
    Reviews(
        "shop_export.csv",
        [
            ("방이 넓어요, 정말", None, 5, "2026-07-03"),
            ("창문이 작아요", None, 2, "2026-07-04"),
        ],
        "10",
        "shop_export.csv: columns found: text 리뷰 내용, rating 별점, date 작성일, group 상품명",
    ),
    Reviews(
        "CAPITALS.CSV",
        labelled((GOOD[0], 1), (BAD[0], 0)),
        "10",
        "CAPITALS.CSV: columns found: text Document , label LABEL",
    ),
    Reviews(
        "nested.json",
        [(GOOD[0], None, 5, "2026-07-03"), (BAD[0], None, 1, "")],
        "10",
        "reading the list at data.reviews of nested.json",
        column="review.text",
        settings=("source.columns.rating=score.value", "source.columns.date=at"),
    ),
    Reviews(
        "minus_one.csv",
        labelled((GOOD[0], 1), (NEUTRAL, 2), (BAD[0], 0)),
        "1-0",
        "labels: -1/negative/0/1/positive read as negative/negative/neutral/positive/positive",
    ),
    Reviews(
        "pandas_labels.csv",
        [
            *((GOOD[0], 1, 5, ""), (BAD[0], 0, 1, "")),
            *(("모르겠어요", None, None, ""), (GOOD[1], None, 4, "")),
        ],
        "10-1",
        '1 skipped: 1 missing text (first in line 4 of pandas_labels.csv: "nan")',
    ),
    Reviews(
        "truth_values.csv",
        labelled((GOOD[0], 1), (BAD[0], 0), ("모르겠어요", None)),
        "10-",
    ),
    Reviews(
        "truth_values.jsonl",
        labelled((GOOD[0], 1), (BAD[0], 0), ("모르겠어요", None)),
        "10-",
    ),
    Reviews(
        "short_words.tsv",
        labelled((GOOD[0], 1), (NEUTRAL, 2), (BAD[0], 0), (GOOD[1], 1)),
        "1-01",
    ),
    Reviews(
        "recommended.csv",
        labelled((GOOD[0], 1), (BAD[0], 0), (GOOD[1], 1), (BAD[1], 0)),
        "1010",
        "reading recommended.csv as CP949",
    ),
    Reviews(
        "nfd_labels.csv",
        labelled(
            *((normalize("NFD", text), n) for n, text in enumerate((BAD[0], GOOD[0], NEUTRAL)))
        ),
        "01-",
    ),
    Reviews(
        "missing.csv",
        labelled((GOOD[0], 1), (BAD[0], 0), ("none", 1), (GOOD[1], None)),
        "101-",
        '6 skipped: 6 missing texts (first in line 3 of missing.csv: "None")',
    ),
    Reviews(
        "nothing_left.csv",
        labelled(
            *(("\u200b\ufeff\u200b", 1), ("https://example.com/r/1", 0), ("<br>", 1)),
            *((GOOD[0], 1), (BAD[0], 0)),
        ),
        "---10",
        '1 skipped: 1 missing text (first in line 5 of nothing_left.csv: "NaN")',
    ),
    Reviews(
        "long_rows.csv",
        [
            *(("방이\n넓어요", 1, 5, "2026-07-03"), ("창문이\n\n작아요", 0, 1, "")),
            (GOOD[1], 1, None, "2026-07-03"),
        ],
        "101",
        '1 date not understood (first in line 4 of long_rows.csv: "어느 날"), '
        '2 ratings not understood (first in line 8 of long_rows.csv: "다섯"'
        + NEXT
        + ', 2 skipped: 1 rating not understood (first in line 9 of long_rows.csv: "다섯"), '
        "1 missing text (first in line 11 of long_rows.csv)",
    ),
    Reviews(
        "long_rows.jsonl",
        [(GOOD[0], 1, None, "2026-07-03"), (BAD[0], 0, None, "")],
        "10",
        '1 date not understood (first in line 4 of long_rows.jsonl: "어느 날"), '
        "1 skipped: 1 missing text (first in line 5 of long_rows.jsonl)",
    ),
]
LATE = {"date_objects.jsonl", "two_scales.csv", "nothing_usable.csv"}
"""Refused in the crawl, not before."""


def train_on(path: Path, text: str) -> None:
    """Write reviews to train on; the label comes first, so that fields may be joined."""
    lines = [f"label,{text}\n"]
    for number in range(40):
        lines.append(f"positive,정말 좋아요 {number}번\nnegative,아주 나빠요 {number}번\n")
    path.write_text("".join(lines), encoding="utf-8")


def run(case: Reviews, folder: Path) -> tuple[Workspace, Settings, Manifest]:
    """Crawl reviews to train on, and the file as reviews to test on."""
    train_on(folder / "train.csv", case.column or "document")
    path = shutil.copy(FILES / case.name, folder)
    os.utime(path, (CHANGED, CHANGED))
    overrides = [
        *("source.kind=file", f"source.path={folder / 'train.csv'}", f"source.test_path={path}"),
        *(f"source.columns.text={case.column}", f"source.join_fields={str(case.join).lower()}"),
        *("tokenizer.name=mecab", *case.settings),
    ]
    settings = load_settings(environment={}, overrides=overrides)
    workspace = Workspace(folder / "workspace")
    workspace.check()
    check_source(settings.source)
    return workspace, settings, crawling.crawl(workspace, settings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reviews_and_examples_of_a_file(
    case: Reviews, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        workspace, settings, snapshot = run(case, tmp_path)
    source = f"test file:{case.name}"
    with open_store(settings.store, workspace.store_path) as store:
        reviews = [review for batch in store.read(source) for review in batch]
    found = [(one.text, one.label, one.rating, one.date) for one in reviews]
    assert sorted(found, key=str) == sorted(case.rows, key=str)
    assert case.says in caplog.text
    assert " skipped" in case.says or " skipped" not in caplog.text
    (prepared,) = prepare(Runner(workspace), snapshot, settings)
    texts, labels = read_examples(prepared.examples.path(names.EXAMPLES), "test")
    expected = [
        (clean(row[0], settings.clean), int(label))
        for row, label in zip(case.rows, case.examples, strict=True)
        if label != "-"
    ]
    assert sorted(zip(texts, map(int, labels), strict=True)) == sorted(expected)


@pytest.mark.parametrize("name", REFUSED | REFUSED_AS_SOURCE)
def test_refused_files(name: str, tmp_path: Path) -> None:
    settings = FileSource(kind="file", path=FILES / name)
    message = (REFUSED | REFUSED_AS_SOURCE)[name]
    if name not in LATE:
        with pytest.raises(SourceError) as early:
            check_source(settings)
        assert str(early.value) == f"{FILES / name}{message}"
    with Database(tmp_path / "reviews.db") as database:
        store = Store(database)
        with pytest.raises(SourceError) as error:
            crawl(settings, store)
        assert str(error.value) == f"{FILES / name}{message}"
        assert not [*store.read(f"file:{name}")]


def test_every_file_is_tested() -> None:
    tested = {one.name for one in CASES} | {*REFUSED, *REFUSED_AS_SOURCE}
    assert {path.name for path in FILES.iterdir()} == tested
