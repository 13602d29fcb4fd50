import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import pipeline.crawl.queue  # noqa: F401  # its tables
from pipeline.errors import WorkspaceError
from pipeline.storage.database import Database


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM pages")) or 0


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    path.write_text("no database" * 100)
    with pytest.raises(WorkspaceError, match=r"the review store .*reviews\.db cannot be used"):
        Database(path)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(
        WorkspaceError, match=r"cannot be used: .*see that the server runs"
    ) as error:
        Database("postgresql://me:secret@127.0.0.1:1/reviews")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_writers_wait_for_each_other_and_readers_do_not(database: Database) -> None:
    entered, done = threading.Event(), []

    def write() -> None:
        entered.wait(60)
        with database.transaction() as connection:
            connection.execute(sa.text("UPDATE crawls SET summary = summary || 'b'"))
        done.append("second")

    row = "INSERT INTO crawls VALUES (1, 's', '', :no, '', '', :no, '')"
    with database.transaction() as connection:
        connection.execute(sa.text(row), {"no": False})
    thread = threading.Thread(target=write)
    thread.start()
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE crawls SET summary = summary || 'a'"))
        entered.set()
        time.sleep(0.2)
        assert count(database) == 0
        done.append("first")
    thread.join(60)
    assert done == ["first", "second"]
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT summary FROM crawls")) == "ab"
