"""A folder at a URL, here on a disk; buckets are tried with the workers that need them."""

from pathlib import Path

import pytest

from pipeline.errors import SettingsError, WorkspaceError
from pipeline.storage.manifest import Manifest
from pipeline.storage.remote import SharedFolder, cache_folder
from pipeline.storage.workspace import Workspace


@pytest.fixture
def shared(tmp_path: Path) -> SharedFolder:
    return SharedFolder(f"file://{tmp_path}/far/away")


@pytest.fixture
def made(workspace: Workspace) -> Manifest:
    folder = workspace.folder("model", "1")
    for name in ("network", "member-1/network"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"weights of {name}")
    return workspace.finish("model", "1", ["network", "member-1/network"], 1, {})


def test_files_of_a_stage_go_there_and_come_back(
    shared: SharedFolder, made: Manifest, tmp_path: Path
) -> None:
    shared.put_files(made)
    assert shared.has("member-1/network")
    assert sorted(path.name for path in (tmp_path / "far/away").iterdir()) == [
        "member-1",
        "network",
    ]
    here = shared.get_files(made, tmp_path / "cache" / "1")
    assert here.is_intact()
    assert here.digest == made.digest
    shared.remove()
    assert not (tmp_path / "far/away").exists()
    assert shared.get_files(made, tmp_path / "cache" / "1") == here  # which needs no copy
    shared.remove()


def test_what_is_damaged_or_gone_is_said(
    shared: SharedFolder, made: Manifest, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceError, match=r"cannot read file://.*FileNotFoundError"):
        shared.get_files(made, tmp_path / "cache")
    shared.put_files(made)
    (tmp_path / "far/away/network").write_text("another network")
    with pytest.raises(WorkspaceError, match=r"far/away are damaged: remove them"):
        shared.get_files(made, tmp_path / "cache")
    with shared.open("network") as file:
        file.seek(8)
        assert file.read() == b"network"


def test_a_kind_of_url_that_is_not_known_is_named() -> None:
    with pytest.raises(SettingsError, match=r"ftq://x cannot be used: .*; write s3://bucket/path"):
        SharedFolder("ftq://x")


def test_the_cache_lies_where_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "review-sentiment"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "review-sentiment"
