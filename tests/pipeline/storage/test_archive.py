"""Zip files of strangers: nothing leaves the folder, nothing explodes, each refusal says why."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.storage import archive
from pipeline.storage.archive import pack, unpack

KNOWN = re.compile(r"(sub/)?[a-z]+\.(json|npz)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def refusal(path: Path, folder: Path) -> str:
    """Why a zip file is refused; nothing but the folder may have changed."""
    before = sorted(path.parent.iterdir())
    with pytest.raises(InputError) as error:
        unpack(path, folder, KNOWN)
    assert sorted(path.parent.iterdir()) == before
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{path} ")


def test_what_is_packed_is_unpacked(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.npz").write_bytes(b"x" * 9_999)
    path = tmp_path / "a.zip"
    for _ in range(2):
        pack(path, {"a.json": b"{}", "sub/b.npz": tmp_path / "b.npz"})
    assert unpack(path, folder, KNOWN) == ["a.json", "sub/b.npz"]
    assert (folder / "a.json").read_bytes() == b"{}"
    assert (folder / "sub" / "b.npz").read_bytes() == b"x" * 9_999
    assert stat.S_IMODE((folder / "a.json").stat().st_mode) == 0o600
    first = path.read_bytes()
    pack(path, {"a.json": b"{}", "sub/b.npz": tmp_path / "b.npz"})
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    "name",
    ["../a.json", "/etc/a.json", "sub/../../a.json", "..\\a.json", "sub/", "other.txt", "A.json",
     "C:a.json", "sub/sub/a.json", "a.json\n", "가.json", ""],
)  # fmt: skip
def test_other_names_are_refused(name: str, folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("a.json", "{}")
        made.writestr(zipfile.ZipInfo(name), "")
    assert "which does not belong there" in refusal(tmp_path / "a.zip", folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind: int, folder: Path, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.json")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(entry, "/etc/passwd")
    assert (
        refusal(tmp_path / "a.zip", folder) == "holds a.json, which is a link or not a regular file"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("a.json", "{}")
        made.writestr("a.json", "[]")
    assert refusal(tmp_path / "a.zip", folder) == "holds a.json twice"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int, folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as made:
        made.writestr("a.json", "{}")
    assert "has an unsupported compression method" in refusal(tmp_path / "a.zip", folder)


def test_bombs_are_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.json", bytes(10_000_000))
    assert re.match(
        r"would unpack from [\d,]+ to 10,000,000 bytes, more than", refusal(path, folder)
    )
    with pytest.raises(InputError, match="would unpack"):
        archive.check_size(path)
    with zipfile.ZipFile(path, "w") as made:
        for number in range(archive.MAX_FILES + 1):
            made.writestr(f"{'a' * (number + 1)}.json", "")
    assert refusal(path, folder) == "has 201 files; 200 are allowed"
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", 9_999)
    assert refusal(path, folder) == "has too many files; 200 are allowed"
    monkeypatch.setattr(archive, "MAX_BYTES", 9_999)
    assert "bytes; 9,999 are allowed" in refusal(path, folder)
    assert list(folder.iterdir()) == []


def _lie(content: bytes) -> bytes:
    """Let the directory say a smaller size than the file unpacks to."""
    place = content.rindex(b"PK\x01\x02")
    return content[: place + 24] + struct.pack("<L", 5) + content[place + 28 :]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda content: b"", "is not a zip file"),
        (lambda content: b"id,review\n1,a\n", "is not a zip file"),
        (lambda content: b"MZ" + content, "is not a zip file"),
        (lambda content: content[:-30], "is damaged or cut off"),
        (lambda content: content[:40], "is damaged or cut off"),
        (lambda content: content[:4], "is damaged or cut off"),
        (lambda content: content[:60] + b"\0\0\0\0" + content[64:], "is damaged or cut off"),
        (_lie, "is damaged or cut off"),
    ],
)
def test_damage_is_named(
    change: Callable[[bytes], bytes], why: str, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    pack(path, {"a.json": b"0123456789" * 90})
    path.write_bytes(change(path.read_bytes()))
    assert refusal(path, folder).startswith(why)
