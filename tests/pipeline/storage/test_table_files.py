"""Tables of several files: folders, patterns and zip archives."""

import os
import stat
import zipfile
from pathlib import Path
from unicodedata import normalize

import pytest

from pipeline.errors import SourceError
from pipeline.storage import table_archives
from pipeline.storage.table_files import fingerprint, sha256_table, table_files
from pipeline.storage.tables import open_table

JULY, AUGUST = "document,label\n좋아요,1\n", "label,document\n0,별로예요\n"


@pytest.fixture
def months(tmp_path: Path) -> Path:
    folder = tmp_path / "months"
    folder.mkdir()
    (folder / "2026-07.csv").write_text(JULY, encoding="utf-8")
    (folder / "2026-08.CSV").write_text(AUGUST, encoding="cp949")
    (folder / "notes.md").write_text("#", encoding="utf-8")
    (folder / ".hidden.csv").write_text("x", encoding="utf-8")
    return folder


def read(path: Path) -> list[tuple[str, str, str]]:
    with open_table(path) as (names, rows):
        assert names == ["document", "label"]
        return [(row["document"], row["label"], row.place) for row in rows]


def pack(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as error, open_table(path) as (_, rows):
        list(rows)
    return str(error.value).replace(str(path), "FILE")


def test_a_folder_is_one_table(months: Path) -> None:
    assert read(months) == [
        ("좋아요", "1", "line 2 of 2026-07.csv"),
        ("별로예요", "0", "line 2 of 2026-08.CSV"),
    ]


def test_a_pattern_is_one_table(months: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(months.parent)
    (text, label, place), *others = read(Path("months/2026-*.csv"))
    assert (text, label, place, others) == ("좋아요", "1", "line 2 of months/2026-07.csv", [])
    assert refusal(months / "2027-*.csv") == "no file matches FILE"


def test_a_pattern_with_hangul_matches_both_forms(tmp_path: Path) -> None:
    (tmp_path / normalize("NFD", "후기1.csv")).write_text(JULY, encoding="utf-8")
    (tmp_path / "후기2.csv").write_text(AUGUST, encoding="utf-8")
    assert len(read(tmp_path / "후기?.csv")) == 2


def test_a_name_with_brackets_is_a_file_if_it_exists(tmp_path: Path) -> None:
    path = tmp_path / "[7월] 후기.csv"
    path.write_text(JULY, encoding="utf-8")
    assert read(path) == [("좋아요", "1", "line 2")]


def test_an_archive_is_one_table(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.ZIP", **{"7월.csv": JULY, "b/8.csv": AUGUST, "__MACOSX/._7.csv": "x"})
    assert [place for _, _, place in read(path)] == ["line 2 of 7월.csv", "line 2 of b/8.csv"]
    with table_files(path) as files:
        folders = [one.path.parent.parent for one in files]
        assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
    assert not any(folder.exists() for folder in folders)


def test_names_of_a_korean_windows_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    pack(path, **{"AAAA.csv": JULY, "b.csv": AUGUST})
    path.write_bytes(path.read_bytes().replace(b"AAAA", "7월".encode("cp949") + b"_"))
    assert read(path)[0][2] == "line 2 of 7월_.csv"


def test_other_columns_are_refused(months: Path) -> None:
    (months / "2026-09.csv").write_text("document,별점\n좋아요,5\n", encoding="utf-8")
    assert refusal(months) == (
        "FILE/2026-09.csv has different columns from FILE/2026-07.csv: lacks label; "
        "also has 별점; all files of a table need the same columns: select files that belong "
        "together with a pattern"
    )


def test_errors_name_the_file_of_a_table(months: Path, tmp_path: Path) -> None:
    broken = 'document,label\n"좋아요,1\n'
    (months / "2026-08.CSV").write_text(broken, encoding="utf-8")
    assert refusal(months).startswith("FILE/2026-08.CSV, line 2: unexpected end of data")
    path = pack(tmp_path / "a.zip", **{"b/8.csv": broken})
    assert refusal(path).startswith("FILE/b/8.csv, line 2: unexpected end of data")


def test_folders_and_archives_without_a_table(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert refusal(tmp_path / "none").startswith("FILE is a folder without a table (.tsv, ")
    path = pack(tmp_path / "a.zip", **{"readme.md": "", "inner.zip": ""})
    assert refusal(path).startswith("FILE holds no table (.tsv, .txt, .csv, ")
    assert refusal(tmp_path / "gone.zip") == "no such file: FILE"
    assert refusal(tmp_path / "gone") == "no such file: FILE"


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "b/../../a.csv", r"..\a.csv", "C:/a.csv"]
)
def test_paths_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    assert refusal(pack(tmp_path / "a.zip", **{name: JULY})) == (
        f"FILE holds a path that leads out of it, {name}: unpack it yourself"
    )


def test_links_passwords_bombs_and_damage_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(link, "/etc/passwd")
    assert refusal(path) == "FILE holds a link, a.csv: unpack it yourself"

    pack(path, **{"a.csv": JULY})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "FILE is protected by a password: unpack it first"

    pack(path, **{"a.csv": "0" * (table_archives.FREE_BYTES + 1)})
    assert refusal(path) == "FILE unpacks to far more than its size: unpack it yourself"
    monkeypatch.setattr(table_archives, "MAX_BYTES", 10)
    assert refusal(pack(path, **{"a.csv": JULY})).startswith("FILE unpacks to far more")
    monkeypatch.undo()

    path.write_bytes(pack(path, **{"a.csv": JULY}).read_bytes()[:-20])
    assert refusal(path) == "FILE is a damaged zip archive: File is not a zip file"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", JULY)
    path.write_bytes(path.read_bytes().replace(b"document", b"dokument"))
    assert refusal(path).startswith("FILE is a damaged zip archive: Bad CRC-32")


def test_the_digest_changes_with_any_file(months: Path) -> None:
    before, state = sha256_table(months), fingerprint(months)
    path = months / "2026-07.csv"
    path.write_text(JULY.replace("1", "0"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert sha256_table(months) != before
    assert fingerprint(months) != state
