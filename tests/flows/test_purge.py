"""After a purge, no byte of a deleted review is left in the workspace."""

import importlib
import io
import os
import pkgutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from flows.prefect_database import forget_texts
from pipeline import stages
from pipeline.crawl.purge import (
    STAGES_OF_MODELS,
    STAGES_WITH_TEXTS,
    STAGES_WITHOUT_WORDS,
    purge,
    purge_models,
)
from pipeline.errors import WorkspaceError
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import DashboardSettings
from pipeline.stages.stage import Stage
from pipeline.storage import names
from pipeline.storage.database import Database
from pipeline.storage.record import Record
from pipeline.storage.workspace import Workspace
from tests.commands import serve_prefect
from tests.flows.own import FEW, QUICK, changes, rated, write_own
from tests.processes import ROOT

MARK = "zqmarkerqz"
WATCH = """
import sys
from pathlib import Path
from flows.cli.options import GlobalOptions
from flows.cli.session import locked_session, open_workspace
workspace, settings = open_workspace(GlobalOptions(overrides=tuple(sys.argv[1:])))
with locked_session(workspace):
    from flows.watch import watch
    watch(workspace, settings)
"""


def python(folder: Path, *arguments: str | Path, status: int = 0, api: str = "") -> str:
    """What a command prints on stdout and stderr; without an address it starts a server."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": api, "PYTHONPATH": str(ROOT)},
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def run(folder: Path, *arguments: str | Path, status: int = 0) -> str:
    """What ``review-sentiment`` prints; see :func:`python`."""
    return python(folder, "-m", "flows", *arguments, status=status)


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and those that are compressed in it."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
    elif zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def holding(folder: Path) -> set[str]:
    """The first folders below the workspace with a file that holds the marker."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).parts[0]
        for path in files
        if any(MARK.encode() in content for content in contents(path))
    }


@pytest.mark.long(minutes=1)
def test_a_purge_leaves_no_text(tmp_path: Path) -> None:
    write_own(tmp_path, [(f"{text} {MARK}", rating) for text, rating in rated(FEW)])
    root = tmp_path / "data" / "workspace"
    with serve_prefect(root / "prefect") as api:
        python(tmp_path, "-m", "flows", "run", *changes(*QUICK), api=api)
        python(tmp_path, "-c", WATCH, *QUICK, api=api)
    before = holding(root)
    stages_ = {"sentiment", "explanation", "topics", "model", "profile"}
    assert {"reviews.db", "prefect", *stages_} <= before
    said = run(tmp_path, "purge", "--source", "file:own.csv", "--yes")
    assert "200 reviews deleted" in said
    assert "still hold words of the deleted reviews" in said
    assert "`review-sentiment purge --models`" in said
    assert holding(root) == {"model", "profile"}
    said = run(tmp_path, "purge", "--models", "--yes")
    assert "still hold" not in said
    assert holding(root) == set()
    assert "no model yet" in run(tmp_path, "models")


def test_every_stage_is_known_to_the_purge() -> None:
    names = [one.name for one in pkgutil.iter_modules(stages.__path__, f"{stages.__name__}.")]
    made = {
        value.name
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, Stage)
    }
    known = {*STAGES_WITH_TEXTS, *STAGES_OF_MODELS, *STAGES_WITHOUT_WORDS}
    assert made == known - {"crawl"}


@pytest.fixture
def store(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr("pipeline.storage.database.BUSY_TIMEOUT_SECONDS", 1)
    with Database(workspace.store_path) as database:
        store = Store(database)
        review = Review(source="s", review_id="1", text=f"{MARK} " * 2000)
        with database.transaction() as connection:
            store.save(connection, "s", [review], 1)
        yield store


def test_a_stage_on_another_disk_is_purged(
    store: Store, workspace: Workspace, tmp_path: Path
) -> None:
    other = tmp_path / "disk"
    (other / ("a" * 16)).mkdir(parents=True)
    (other / ("a" * 16) / "reviews.parquet").write_text(MARK, encoding="utf-8")
    (other / "mine.txt").write_text("not an output of the stage", encoding="utf-8")
    (workspace.root / "crawl").symlink_to(other)
    assert purge(store, workspace, "s", "") == 1
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    assert holding(workspace.root) == set()


def file_of(stage: str, workspace: Workspace) -> Path:
    """A file of a stage with a text."""
    path = workspace.folder(stage, "a" * 16) / "file.parquet"
    path.write_text("a text", encoding="utf-8")
    return path


def test_a_purge_of_no_review_deletes_nothing(store: Store, workspace: Workspace) -> None:
    files = [file_of(stage, workspace) for stage in STAGES_WITH_TEXTS]
    (workspace.memo_folder / "words").mkdir(parents=True)
    before = workspace.store_path.read_bytes()
    assert purge(store, workspace, "", "2000-01-01") == 0
    assert purge(store, workspace, "other", "") == 0
    assert all(path.exists() for path in files)
    assert list(workspace.memo_folder.iterdir())
    assert workspace.store_path.read_bytes() == before


def test_an_interrupted_purge_is_finished_by_the_next(store: Store, workspace: Workspace) -> None:
    path, planted = file_of("metrics", workspace), workspace.root / "crawl" / ("b" * 16)
    planted.parent.mkdir()
    planted.symlink_to(workspace.root)
    with pytest.raises(WorkspaceError, match="delete it yourself"):
        purge(store, workspace, "s", "")
    assert path.exists()
    planted.unlink()
    assert purge(store, workspace, "s", "") == 0
    assert not path.exists()
    later = file_of("metrics", workspace)
    assert purge(store, workspace, "s", "") == 0
    assert later.exists()


def test_the_record_of_a_model_keeps_the_other_reviews_only(
    store: Store, workspace: Workspace
) -> None:
    def save(source: str, ids: str) -> None:
        reviews = [Review(source=source, review_id=one, text=source) for one in ids]
        with store.database.transaction() as connection:
            store.save(connection, source, reviews, 1)

    save("other", "12")
    ids = ["s:1", "other:1", "other:2", "other:3"]
    table = {"id": ids, "text": [MARK, "good", "bad", f"{MARK} is no longer stored"]}
    for key in ("a" * 16, "b" * 16):
        Record(pa.table(table), is_complete=True).write(workspace, key)
    Record(pa.table({"id": ids[:1], "text": [MARK]}), True).write(workspace, "c" * 16)
    (workspace.folder(names.RECORDS, "b" * 16) / "manifest.json").unlink()

    assert purge(store, workspace, "s", "") == 1
    assert holding(workspace.root) == set()
    (left,) = (workspace.root / names.RECORDS).iterdir()
    manifest = workspace.finished(names.RECORDS, left.name)
    assert manifest is not None
    record = Record.read(manifest)
    assert record.table["id"].to_pylist() == ids[1:3]
    assert not record.is_complete
    purge_models(workspace)
    assert not left.exists()


def test_a_planted_link_is_not_followed(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("mine", encoding="utf-8")
    (workspace.root / "report").mkdir()
    (workspace.root / "report" / ("b" * 16)).symlink_to(home)
    with pytest.raises(WorkspaceError, match=r"cannot delete .*b{16}.*: it is a link to .*home"):
        purge(store, workspace, "s", "")
    assert (home / "letter.txt").exists()


def test_a_reader_keeps_old_pages_and_the_purge_says_so(store: Store, workspace: Workspace) -> None:
    with store.database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM reviews").all()
        with pytest.raises(WorkspaceError, match="another process reads the review store"):
            purge(store, workspace, "s", "")
    assert purge(store, workspace, "s", "") == 0
    assert holding(workspace.root) == set()


def test_texts_in_a_prefect_database_of_postgresql(
    workspace: Workspace, postgresql_url: str
) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        for statement in (
            "CREATE TABLE artifact (data text)",
            "CREATE TABLE flow_run_state (name text, message text)",
            "INSERT INTO artifact VALUES ('좋아요')",
            "INSERT INTO flow_run_state VALUES ('Failed', '좋아요')",
        ):
            connection.execute(statement)
        url = SecretStr(postgresql_url.replace("postgresql:", "postgresql+asyncpg:"))
        forget_texts(workspace, DashboardSettings(database_url=url))
        assert connection.execute("SELECT * FROM artifact").fetchall() == []
        assert connection.execute("SELECT * FROM flow_run_state").fetchall() == [("Failed", None)]
    wrong = SecretStr("postgresql+asyncpg://me:hush@127.0.0.1:1/prefect")
    with pytest.raises(WorkspaceError, match=r"check dashboard\.database_url") as error:
        forget_texts(workspace, DashboardSettings(database_url=wrong))
    assert "hush" not in str(error.value)
