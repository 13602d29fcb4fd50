"""Files of the workspace: private, atomic, and never behind a planted link."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import WorkspaceError
from pipeline.predict.load import load_model
from pipeline.storage.database import Database
from pipeline.storage.files import atomic_path, delete_unfinished, write_json, write_text
from pipeline.storage.lock import hold, holder
from pipeline.storage.table_writer import table_writer
from pipeline.storage.workspace import Workspace
from pipeline.tokenizer.cache import WordMemo

KILLED = """
import os, sys
from pathlib import Path
from pipeline.storage.table_writer import table_writer
with table_writer(Path(sys.argv[1]), ["text"]) as write:
    write([{"text": "좋아요"}])
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file outside the workspace."""
    path = tmp_path / "letter.txt"
    path.write_text("mine", encoding="utf-8")
    return path


def test_a_planted_lock_is_refused(workspace: Workspace, letter: Path) -> None:
    (workspace.root / "run.lock").symlink_to(letter)
    with pytest.raises(WorkspaceError, match=r"run\.lock: it is a symbolic link"), hold(workspace):
        pass
    assert holder(workspace) == {}
    assert letter.read_text(encoding="utf-8") == "mine"


def test_a_planted_database_is_refused(workspace: Workspace, letter: Path) -> None:
    letter.write_text("", encoding="utf-8")  # SQLite would take an empty file
    workspace.store_path.symlink_to(letter)
    with pytest.raises(WorkspaceError, match=r"reviews\.db: it is a symbolic link; delete"):
        Database(workspace.store_path)
    memo = workspace.root / "words.db"
    memo.symlink_to(letter)
    cache = WordMemo(memo, 10)
    cache.put({"좋아요": "좋다"})
    assert cache.get(["좋아요"]) == {}
    assert letter.read_bytes() == b""


def test_a_planted_temporary_file_is_not_written_to(workspace: Workspace, letter: Path) -> None:
    path = workspace.root / "models.json"
    for planted in (path, workspace.root / f".models.part-{os.getpid()}.json"):
        planted.symlink_to(letter)
    write_json(path, [])
    assert not path.is_symlink()
    assert letter.read_text(encoding="utf-8") == "mine"


def test_files_of_an_open_workspace_are_private(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir(mode=0o755)
    workspace = Workspace(root)
    old = os.umask(0o022)
    try:
        write_text(workspace.folder("examples", "0" * 16) / "examples.txt", "좋아요")
        with Database(workspace.store_path), hold(workspace):
            WordMemo(root / "memo" / "words.db", 10).close()
            modes = {path.name: path.stat().st_mode & 0o077 for path in root.rglob("*.*")}
        with table_writer(tmp_path / "out.csv", ["text"]) as write:
            write([])
    finally:
        os.umask(old)
    assert {"examples.txt", "reviews.db", "words.db", "run.lock"} <= modes.keys()
    assert not any(modes.values()), modes
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o644


def test_the_temporary_file_of_a_killed_process_is_deleted(tmp_path: Path) -> None:
    (tmp_path / ".out-2024.csv").touch()
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "out.csv"], check=False)
    assert killed.returncode == -9
    assert len(list(tmp_path.iterdir())) == 2
    with table_writer(tmp_path / "out.csv", ["text"]) as write:
        write([])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out-2024.csv", "out.csv"]


def test_a_process_that_ends_at_once_deletes_its_temporary_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt") as temporary:
        assert temporary.exists()
        delete_unfinished()
        assert not temporary.exists()


def test_a_manifest_without_files_is_an_error(workspace: Workspace) -> None:
    made = workspace.finish("model", workspace.folder("model", "0" * 16).name, [], 0, {})
    with pytest.raises(WorkspaceError, match=r"manifest\.json does not list model\.keras; delete"):
        load_model(made.folder, workspace=workspace)
