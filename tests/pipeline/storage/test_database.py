import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import pipeline.crawl.history  # its tables
import pipeline.crawl.page_cache  # noqa: F401
from pipeline.errors import WorkspaceError
from pipeline.storage.database import Database


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM pages")) or 0


def test_invalid_sqlite_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    path.write_text("no database" * 100)
    with pytest.raises(WorkspaceError, match=r"cannot use the review store .*reviews\.db: "):
        Database(path)


def test_unreachable_server_is_an_error_without_the_password() -> None:
    with pytest.raises(
        WorkspaceError, match=r"cannot use .*/reviews: .*check that the server is running"
    ) as error:
        Database("postgresql://me:secret@127.0.0.1:1/reviews")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_writers_block_each_other_but_not_readers(database: Database) -> None:
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
