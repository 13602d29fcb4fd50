"""Unlabelled texts from a text file or a table."""

import gzip
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.prepare.unlabeled import read_unlabeled


def test_lines_and_tables(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt.gz"
    lines.write_bytes(gzip.compress("좋아요\t정말\n\n별로예요".encode()))
    assert [text.strip() for text in read_unlabeled(lines)] == ["좋아요\t정말", "", "별로예요"]

    table = tmp_path / "table.txt"
    table.write_text("id\tdocument\n1\t좋아요\n2\t\n", encoding="cp949")
    assert list(read_unlabeled(table)) == ["좋아요", ""]

    (tmp_path / "rows.jsonl").write_text('{"review": "좋아요"}\n{"other": 1}\n', encoding="utf-8")
    assert list(read_unlabeled(tmp_path / "rows.jsonl")) == ["좋아요", ""]

    (tmp_path / "empty.txt").touch()
    assert [text for text in read_unlabeled(tmp_path / "empty.txt") if text] == []


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("좋아요\n별로예요", encoding="utf-8")
    (tmp_path / "2.csv").write_text("번호;내용\n1;그냥, 뭐\n", encoding="cp949")
    texts = ["좋아요", "별로예요", "그냥, 뭐"]
    assert [text.strip() for text in read_unlabeled(tmp_path)] == texts
    assert [text.strip() for text in read_unlabeled(tmp_path / "*.*")] == texts
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(tmp_path / "1.txt", "1.txt")
        packed.write(tmp_path / "2.csv", "2.csv")
    assert [text.strip() for text in read_unlabeled(tmp_path / "all.zip")] == texts


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(read_unlabeled(tmp_path / "none.txt"))
    (tmp_path / "rows.csv").write_text("id,score\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no column document, text, review, "):
        list(read_unlabeled(tmp_path / "rows.csv"))
    (tmp_path / "broken.txt.gz").write_bytes(b"no gzip")
    with pytest.raises(SourceError, match="gzip"):
        list(read_unlabeled(tmp_path / "broken.txt.gz"))
