import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.model.registry import Registry
from pipeline.settings import TrainSettings
from pipeline.storage.files import atomic_write, write_text
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.workspace import Workspace


def finish(workspace: Workspace, text: str = "some") -> Manifest:
    write_text(workspace.folder("stage", "key") / "file.txt", text)
    return workspace.finish("stage", "key", ["file.txt"], 1, {"note": "한글"})


def test_finished_stage_is_found(workspace: Workspace) -> None:
    assert workspace.finished("stage", "key") is None
    manifest = finish(workspace)
    assert workspace.finished("stage", "key") == manifest
    assert manifest.path("file.txt").read_text() == "some"


def test_changed_or_missing_file_invalidates_the_stage(workspace: Workspace) -> None:
    manifest = finish(workspace)
    manifest.path("file.txt").write_text("other")
    assert workspace.finished("stage", "key") is None
    finish(workspace).path("file.txt").unlink()
    assert workspace.finished("stage", "key") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stage": 1}', "\xff"])
def test_damaged_manifest_invalidates_the_stage(workspace: Workspace, text: str) -> None:
    (finish(workspace).folder / "manifest.json").write_text(text)
    assert workspace.finished("stage", "key") is None


def test_workspace_can_be_moved(workspace: Workspace, tmp_path: Path) -> None:
    Registry(workspace).add(finish(workspace))
    workspace.root.rename(tmp_path / "moved")
    moved = Workspace(tmp_path / "moved")
    assert Registry(moved).champion_model().path("file.txt").read_text() == "some"


def test_missing_and_changed_models_are_different_errors(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="holds no trained model"):
        Registry(workspace).champion_model()
    manifest = finish(workspace)
    Registry(workspace).add(manifest)
    manifest.path("file.txt").write_text("tampered")
    with pytest.raises(WorkspaceError, match="was changed after training"):
        Registry(workspace).champion_model()


def test_key_depends_on_content_settings_and_version(workspace: Workspace) -> None:
    first = finish(workspace, "one")
    second = finish(workspace, "two")
    settings = TrainSettings()
    keys = {
        stage_key(1, first, settings),
        stage_key(1, second, settings),
        stage_key(2, first, settings),
        stage_key(1, first, TrainSettings(seed=2)),
    }
    assert len(keys) == 4
    assert stage_key(1, first, settings) == stage_key(1, first, TrainSettings())


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic_write(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_temporary_files_of_killed_processes_are_removed(workspace: Workspace) -> None:
    folder = workspace.folder("stage", "key")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (folder / f".reviews-{ended.pid}.parquet").touch()
    (folder / f".reviews-{os.getpid()}.parquet").touch()
    workspace.folder("stage", "key")
    assert [path.name for path in folder.iterdir()] == [f".reviews-{os.getpid()}.parquet"]


def test_full_disk_is_an_error(small_disk: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"only 4 MB are free .* 200 MB are needed"):
        Workspace(small_disk / "workspace").check()


def test_read_only_disk_is_an_error(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(WorkspaceError, match=r"cannot write .*Read-only file system"):
        Workspace(small_disk / "workspace").check()


def test_file_in_place_of_the_workspace_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot write to the workspace"):
        Workspace(tmp_path / "file").check()
    with pytest.raises(WorkspaceError, match=r"cannot use the workspace .*File exists; choose"):
        Workspace(tmp_path / "file").create()


def test_manifest_contains_no_absolute_path(workspace: Workspace) -> None:
    folder = finish(workspace).folder
    assert "folder" not in json.loads((folder / "manifest.json").read_text())
    assert os.fspath(workspace.root) not in (folder / "manifest.json").read_text()


def test_refreshed_stage_runs_again_once_and_nothing_is_deleted(
    workspace: Workspace,
) -> None:
    made = finish(workspace)
    again = Workspace(workspace.root)
    with pytest.raises(InputError, match=r"no output of stage nonsense; known stages: stage"):
        again.refresh("nonsense")
    for which in ("stage", "all"):
        again = Workspace(workspace.root)
        again.refresh(which)
        assert again.finished("stage", "key") is None
        assert made.is_intact()
        finish(again)
        assert again.finished("stage", "key") == made
