"""Damaged databases are named, kept aside and repaired."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.crawl.repair import repair_store
from pipeline.errors import WorkspaceError
from pipeline.reviews.review import Review
from pipeline.reviews.snapshot import write_snapshot
from pipeline.reviews.store import Store
from pipeline.storage import names
from pipeline.storage.database import Database
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.test_purge import run

ROWS = 2_000
PAGE = 4096


def fill(workspace: Workspace) -> list[Review]:
    """A store of reviews, and a snapshot of all but the last."""
    reviews = [
        Review(source="s", review_id=f"{number:05}", text=f"역이 가깝다 {number}", rating=4.0)
        for number in range(ROWS)
    ]
    with Database(workspace.store_path) as database:
        store = Store(database)
        with database.transaction() as connection:
            store.save(connection, "s", reviews[:-1], 3)
        path = workspace.folder("crawl", "0" * 16) / names.REVIEWS
        rows = write_snapshot(store, ["s"], (), path)
        workspace.finish("crawl", "0" * 16, [path.name], rows, {})
        with database.transaction() as connection:
            store.save(connection, "s", reviews[-1:], 4)
    return reviews


def spoil_pages(path: Path) -> None:
    """Overwrite some pages in the middle."""
    with path.open("rb+") as file:
        for page in (12, 13, 20):
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)


def spoil_head(path: Path) -> None:
    """Overwrite the head, without which SQLite does not know the file."""
    with path.open("rb+") as file:
        file.write(b"\xa5" * PAGE)


@pytest.mark.parametrize("spoil", [spoil_pages, spoil_head])
def test_a_damaged_store_is_recovered(workspace: Workspace, spoil: Callable[[Path], None]) -> None:
    reviews = fill(workspace)
    assert repair_store(workspace) is None
    spoil(workspace.store_path)
    damaged = workspace.store_path.read_bytes()
    with (
        pytest.raises(WorkspaceError, match=r"reviews\.db: .*run `review-sentiment repair`"),
        Database(workspace.store_path) as database,
    ):
        list(Store(database).read("s"))
    repaired = repair_store(workspace)
    assert repaired is not None
    assert repaired.aside.read_bytes() == damaged
    assert repaired.recovered + repaired.from_snapshots in (ROWS - 1, ROWS)
    if spoil is spoil_pages:
        assert 0.9 * ROWS < repaired.recovered < ROWS
    else:
        assert repaired.recovered == 0
    with Database(workspace.store_path) as database:
        found = [review for batch in Store(database).read("s") for review in batch]
        assert found[: ROWS - 1] == reviews[:-1]
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("SELECT max(crawl) FROM reviews").scalar() == 0
    assert workspace.store_path.stat().st_mode & 0o077 == 0
    assert repair_store(workspace) is None


def test_commands_name_a_damaged_store(command: Command, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data" / "workspace")
    workspace.check()
    fill(workspace)
    spoil_head(workspace.store_path)
    answer = command("crawl")
    assert answer.status == 2
    assert f"cannot use the review store {workspace.store_path}: " in answer.error
    assert "run `review-sentiment repair`" in answer.error
    assert answer.error.count("\n") == 1
    assert "the review store is repaired" in command("repair").out
    assert command("crawl").status == 0


@pytest.mark.long(minutes=1)
def test_a_damaged_database_of_prefect_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "data" / "workspace" / "prefect" / "prefect.db"
    path.parent.mkdir(parents=True)
    path.write_text("no database" * 1000, encoding="utf-8")
    said = run(tmp_path, "repair")
    assert f"the damaged file is kept as {path}.damaged-" in said
    assert "nothing is damaged" in run(tmp_path, "repair")
    run(tmp_path, "crawl")
