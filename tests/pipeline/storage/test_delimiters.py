"""Delimiters other than that of the suffix, and files without a header."""

from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.storage.tables import open_table

Rows = list[list[str]]


def read(folder: Path, text: str, name: str = "a.csv", header: tuple[str, ...] = ()) -> Rows:
    path = folder / name
    path.write_bytes(text.encode())
    with open_table(path, header=header) as (names, rows):
        return [names, *([row[column] for column in names] for row in rows)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a;b\n1;2, 3\n", "a.csv"),
        ("a|b\n1|2, 3\n", "a.csv"),
        ("a\tb\n1\t2, 3\n", "a.csv"),
        ('a,b\n1,"2, 3"\n', "a.tsv"),
        ("a;b\n1;2, 3\n", "a.txt"),
        ("sep=;\na;b\n1;2, 3\n", "a.csv"),
        ("SEP=|\r\na|b\r\n1|2, 3\r\n", "a.csv"),
        ("sep=\t\na\tb\n1\t2, 3\n", "a.csv"),
        ('"sep=,"\na,b\n1,"2, 3"\n', "a.tsv"),
        ('\ufeffsep=,\na,b\n1,"2, 3"\n', "a.csv"),
    ],
)
def test_a_delimiter_is_detected(text: str, name: str, tmp_path: Path) -> None:
    assert read(tmp_path, text, name) == [["a", "b"], ["1", "2, 3"]]


def test_the_usual_delimiter_wins(tmp_path: Path) -> None:
    assert read(tmp_path, "a;b,c|d\n1,2\n") == [["a;b", "c|d"], ["1", "2"]]
    assert read(tmp_path, '"a;b"\n1;2\n') == [["a;b"], ["1;2"]]


def test_lines_count_from_the_first_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 4: unexpected end of data"):
        read(tmp_path, 'sep=,\na,b\n1,2\n"3,4\n')


@pytest.mark.parametrize("text", ["좋아요; 최고,1\n별로,0\n", "좋아요; 최고\t1\n별로\t0\n"])
def test_a_file_without_a_header(text: str, tmp_path: Path) -> None:
    rows = [["document", "label"], ["좋아요; 최고", "1"], ["별로", "0"]]
    assert read(tmp_path, text, header=("document", "label")) == rows


def test_names_are_for_files_without_names(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"source\.columns_in_order is for CSV, TSV and workbooks"
    ):
        read(tmp_path, '{"a": 1}\n', "a.jsonl", header=("a",))
