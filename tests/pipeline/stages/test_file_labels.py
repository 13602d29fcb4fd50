"""Small files through crawl and prepare: labels, mappings and missing values."""

import csv
import logging
from collections import Counter
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.prepare.examples import read_examples
from pipeline.settings import load_settings
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import prepare
from pipeline.stages.runner import Runner
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import CLASSES

TEXTS = ("별로네요 실망했어요", "무난하고 평범해요", "정말 좋아요 만족해요")


def write(path: Path, labels: tuple[str, str, str], *rows: tuple[str, str, str]) -> None:
    """A CSV with further rows and 300 reviews: negative, neutral and positive by turns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document", "label", "rating"])
        writer.writerows(rows)
        for number in range(300):
            writer.writerow([f"{TEXTS[number % 3]} {number}번", labels[number % 3], ""])


def run(folder: Path, *overrides: str) -> tuple[Manifest, dict[str, int], set[str]]:
    """The crawl, and labels and texts of the prepared examples."""
    source = ("source.kind=file", f"source.path={folder / 'a.csv'}", "tokenizer.name=mecab")
    settings = load_settings(environment={}, overrides=[*source, *overrides])
    workspace = Workspace(folder / "workspace")
    workspace.check()
    crawled = crawl(workspace, settings)
    (prepared,) = prepare(Runner(workspace), crawled, settings)
    texts, labels = read_examples(
        prepared.examples.path(names.EXAMPLES), "train", "validation", "test"
    )
    kinds = CLASSES[settings.label.target].names
    return crawled, Counter(kinds[int(label)] for label in labels), set(texts)


@pytest.mark.parametrize(
    "labels",
    [
        ("-1", "0", "1"),
        ("-1.0", "0.0", "1.0"),
        ("neg", "neu", "pos"),
        ("부정적", "중립적", "긍정적"),
    ],
)
def test_three_classes(tmp_path: Path, labels: tuple[str, str, str]) -> None:
    write(tmp_path / "a.csv", labels)
    _, counts, _ = run(tmp_path, "label.target=three")
    assert counts == {"negative": 100, "neutral": 100, "positive": 100}


@pytest.mark.parametrize(
    "labels", [("False", "", "True"), ("0.0", "nan", "1.0"), ("비추천", "-", "추천")]
)
def test_two_classes(tmp_path: Path, labels: tuple[str, str, str]) -> None:
    write(tmp_path / "a.csv", labels)
    if labels[1] == "-":
        with pytest.raises(
            SourceError, match=r'\{ "-" = "", "비추천" = "negative", "추천" = "positive" \}'
        ):
            run(tmp_path)
        _, counts, _ = run(tmp_path, 'source.values={"-"=""}')
    else:
        _, counts, _ = run(tmp_path)
    assert counts == {"negative": 100, "positive": 100}


def test_a_mapping_of_an_unknown_scheme(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", ("0", "1", "2"))
    with pytest.raises(SourceError, match="have no clear meaning"):
        run(tmp_path)
    mapping = 'source.values={"0"="negative","1"="neutral","2"="positive"}'
    _, counts, _ = run(tmp_path, mapping, "label.target=three")
    assert counts == {"negative": 100, "neutral": 100, "positive": 100}


def test_topics_beside_stars_are_ignored_on_demand(tmp_path: Path) -> None:
    stars = [(f"글 {n}", str(n % 5), "1" if n % 2 else "5") for n in range(200)]
    write(tmp_path / "a.csv", ("", "", ""), *stars)
    with pytest.raises(SourceError, match=r'use the ratings alone with source.columns.label = ""'):
        run(tmp_path)
    _, counts, _ = run(tmp_path, "source.columns.label=")
    assert counts == {"negative": 100, "positive": 100}


def test_missing_values_and_skipped_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [
        *((text, "1", "") for text in ("None", "NaN", "NULL", r"\N", "#N/A", " nan ")),
        *(("좋습니다 정말", label, "") for label in ("None", "N/A", "<NA>")),
        ("none", "1", "nan"),
        ("음", "헐\x1b[2J" + "가" * 60, ""),
    ]
    write(tmp_path / "a.csv", ("0", "null", "1"), *rows)
    with caplog.at_level(logging.INFO):
        crawled, counts, texts = run(tmp_path)
    assert counts == {"negative": 100, "positive": 101}
    assert "none" in texts
    assert not texts & {"None", "NaN", "nan", "NULL", r"\N", "#N/A"}
    assert crawled.details["skipped"] == {
        "missing text": 6,
        "label is not 0 or 1": 1,
    }
    assert (
        'reviews: 304 new, 7 skipped: 6 missing texts (first in line 2: "None"), '
        '1 label is not 0 or 1 (first in line 12: "헐\\u001b[2J' + "가" * 35 + '…")'
    ) in caplog.text


def test_the_file_of_a_skipped_row_is_named_among_two(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "a.csv", ("0", "0", "1"))
    (tmp_path / "b.csv").write_text("document,label\nnan,1\n나빠요,0\n좋네요,1\n", encoding="utf-8")
    with caplog.at_level(logging.INFO):
        run(tmp_path, f"source.test_path={tmp_path / 'b.csv'}")
    assert '1 skipped: 1 missing text (first in line 2 of b.csv: "nan")' in caplog.text
