"""Shared folders on a local disk; tests/flows/test_dask.py covers S3 buckets."""

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


def test_stage_files_round_trip(shared: SharedFolder, made: Manifest, tmp_path: Path) -> None:
    shared.put_files(made)
    assert shared.has("member-1/network")
    assert sorted(path.name for path in (tmp_path / "far/away").iterdir()) == [
        "member-1",
        "network",
    ]
    local = shared.get_files(made, tmp_path / "cache" / "1")
    assert local.is_intact()
    assert local.digest == made.digest
    shared.remove()
    assert not (tmp_path / "far/away").exists()
    assert shared.get_files(made, tmp_path / "cache" / "1") == local  # from the local cache
    shared.remove()


def test_missing_and_damaged_files_are_errors(
    shared: SharedFolder, made: Manifest, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceError, match=r"cannot read file://.*FileNotFoundError"):
        shared.get_files(made, tmp_path / "cache")
    shared.put_files(made)
    (tmp_path / "far/away/network").write_text("another network")
    with pytest.raises(WorkspaceError, match=r"far/away are damaged: delete them"):
        shared.get_files(made, tmp_path / "cache")
    with shared.open("network") as file:
        file.seek(8)
        assert file.read() == b"network"


def test_unknown_url_scheme_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"cannot use ftq://x: .*; write s3://bucket/path"):
        SharedFolder("ftq://x")


def test_cache_folder_follows_xdg_cache_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "review-sentiment"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "review-sentiment"
