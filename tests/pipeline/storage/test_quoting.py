"""Quoted and plain tab-separated files are told apart."""

import csv
import gzip
import io
from pathlib import Path

import pytest

from pipeline.storage.quoting import Quoting, detect_quoting
from pipeline.storage.tables import open_table

QUOTED = Quoting(is_quoted=True)
PLAIN = Quoting(is_quoted=False)
HEADER = "id\tdocument\tlabel\n"


@pytest.mark.parametrize(
    ("text", "quoting"),
    [
        ("", PLAIN),
        ("document\n", PLAIN),
        (HEADER + "1\t좋아요\t1\n", PLAIN),
        # a line break, a tab or a doubled quote needs quotes
        (HEADER + '1\t"좋\n아요"\t1\n', QUOTED),
        (HEADER + '1\t"좋\t아요"\t1\n', QUOTED),
        (HEADER + '1\t"""좋아요"""\t1\n', QUOTED),
        ('id\tdocument\n1\t"좋\n\n아요"\n2\t별로\n', QUOTED),
        (HEADER + '1\t"좋\r\n아요"\t1\r\n2\t"별로"\t0\r\n', QUOTED),
        # Excel puts quotes around fields with a comma, all of them
        (HEADER + '1\t"싸고, 좋아요"\t1\n2\t"네, 별로"\t0\n', QUOTED),
        (HEADER + '1\t"싸고, 좋아요"\t1\n2\t네, 별로\t0\n3\t"와, 굿"\t1\n', PLAIN),
        (HEADER + '1\t"싸고, 좋아요"\t1\n', PLAIN),
        # pandas does not
        (HEADER + '1\t"좋\n아요"\t1\n2\t네, 별로\t0\n', QUOTED),
        # quotes of a text
        (HEADER + '1\t"좋아요"\t1\n', PLAIN),
        (HEADER + '1\t"좋아요" 라고\t1\n', PLAIN),
        (HEADER + '1\t그는 "최고"\t1\n2\t"좋\t1\n', PLAIN),
        (HEADER + '1\t""좋아요""\t1\n', PLAIN),
        # a quote that would swallow complete rows
        (HEADER + '1\t"하하\t1\n2\t음\t0\n3\t굿"\t1\n', PLAIN),
        (HEADER + '1\t"하하\t1\n2\t음\n3\t굿"\t1\n', PLAIN),
        ('document\n"하하\n음\n굿"\n', PLAIN),
        ('id\tdocument\n1\t"하하\n2\t굿"\n', PLAIN),
        (HEADER + '1\t"하하\t1\n2\t음\t0\n', PLAIN),
        # a quoted header decides
        ('"document"\n"좋\n아요"\n', QUOTED),
        ('"id"\t"document"\n1\t"좋아요"\n', QUOTED),
        ('id\t"리뷰\n내용"\n1\t좋아요\n', QUOTED),
        ('"id"\t"document"\n1\t"그는 \\"최고\\""\n', Quoting(True, backslash=True)),
        ('"document"\n"1"\t"좋아요"\n', Quoting(True, row_names=True)),
        ('"document"\n"1"\t"좋아요"\n"2"\n', QUOTED),
        ('"document"\n"열린 따옴표\n', QUOTED),
    ],
)
def test_evidence(text: str, quoting: Quoting) -> None:
    file = io.StringIO(text, newline="")
    assert detect_quoting(file) == quoting
    assert file.read() == text


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
def test_what_a_writer_of_quoted_fields_wrote_is_read_back(tmp_path: Path, quoting: int) -> None:
    texts = ['첫 줄\n"둘째" 줄', "탭\t하나", '"인용"으로 시작', "쉼표, 하나", "끝에 역슬래시\\", ""]
    path = tmp_path / "t.tsv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", quoting=quoting)  # type: ignore[arg-type]
        writer.writerows([["id", "document"], *enumerate(texts)])
    with open_table(path) as (_, rows):
        assert [row["document"] for row in rows] == texts


@pytest.mark.parametrize("name", ["ratings_train.txt.gz", "ratings_test.txt.gz"])
def test_movie_reviews_keep_their_quotes(movies: Path, name: str) -> None:
    with gzip.open(movies / name, "rt", encoding="utf-8", newline="") as file:
        plain = [line.rstrip("\n").split("\t") for line in file if line.strip()]
    with open_table(movies / name) as (names, rows):
        assert [names, *([*row.values()] for row in rows)] == plain
