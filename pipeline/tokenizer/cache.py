"""On-disk cache of tagger output per word."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.storage.files import create_database_file

logger = logging.getLogger(__name__)

LOCK_TIMEOUT_SECONDS = 10.0
MANY_WORDS = 1_000
"""Minimum number of words in a call for which reading the whole file may be faster."""
MOST_READ, READ_FOR_ONE = 200_000, 8
"""A file of fewer than ``MOST_READ`` words is read as a whole, once, as soon as the number of words
looked up is more than one in ``READ_FOR_ONE`` of the words in the file."""
END = "\t"
"""Line that marks the end of an entry; lines of an entry contain no white space."""
_WHOLE = "SELECT group_concat(word, char(10)), group_concat(entry || ?, char(10)) FROM words"
"""Reading two long strings takes a third of the time of reading one row per word."""


class WordMemo:
    """Bounded word cache in a SQLite file. Safe to share between threads and processes.

    Failures are logged, never raised: a damaged file is recreated, and if the file cannot be
    used, nothing is cached.
    """

    def __init__(self, path: Path, max_words: int) -> None:
        """Open or create the file.

        Args:
            path: The file. Its name must identify everything that the entries depend on.
            max_words: Capacity; the oldest entries are evicted first.
        """
        self._path = path
        self._max_words = max_words
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._looked_up, self._was_read = 0, False
        with self._lock:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._open()
            except (sqlite3.Error, OSError) as error:
                self._recover(error)

    def __repr__(self) -> str:
        return f"WordMemo({str(self._path)!r}, max_words={self._max_words})"

    def get(self, words: Collection[str]) -> dict[str, str]:
        """Look up words; the result has only the cached words."""
        with self._lock:
            if self._connection is None:
                return {}
            wanted = json.dumps(list(words), ensure_ascii=False)
            try:
                return dict(
                    self._connection.execute(
                        "SELECT word, entry FROM words"
                        " WHERE word IN (SELECT value FROM json_each(?))",
                        (wanted,),
                    )
                )
            except sqlite3.Error as error:
                self._recover(error)
                return {}

    def whole(self, wanted: int) -> tuple[list[str], list[str]]:
        """Read the whole file, once, if that is faster than looking up ``wanted`` more words.

        Returns:
            All words, and the lines of their entries, each entry followed by the line ``END``;
            nothing if it is not faster, or if the file was read before.
        """
        with self._lock:
            if self._connection is None:
                return [], []
            try:
                if not self._is_read_whole(self._connection, wanted):
                    return [], []
                (found,) = self._connection.execute(_WHOLE, (f"\n{END}",))
            except sqlite3.Error as error:
                self._recover(error)
                return [], []
        words, lines = found
        return words.split("\n"), lines.split("\n")

    def _is_read_whole(self, connection: sqlite3.Connection, words: int) -> bool:
        """Whether to read the whole file, given the number of further words to look up."""
        if self._was_read or words < MANY_WORDS:
            return False
        self._looked_up += words
        size = "SELECT (SELECT max(rowid) FROM words) - (SELECT min(rowid) FROM words)"
        (rows,) = connection.execute(size).fetchone()
        most = min(MOST_READ, READ_FOR_ONE * self._looked_up)
        self._was_read = rows is not None and rows < most
        return self._was_read

    def put(self, entries: Mapping[str, str]) -> None:
        """Add entries; existing ones are not replaced. Evicts the oldest beyond the capacity."""
        with self._lock:
            if self._connection is None:
                return
            try:
                with self._connection as transaction:
                    transaction.executemany(
                        "INSERT OR IGNORE INTO words (word, entry) VALUES (?, ?)", entries.items()
                    )
                    transaction.execute(
                        "DELETE FROM words WHERE rowid <= (SELECT max(rowid) FROM words) - ?",
                        (self._max_words,),
                    )
            except sqlite3.Error as error:
                self._recover(error)

    def close(self) -> None:
        """Close the file; from then on :meth:`get` finds nothing and :meth:`put` does nothing."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> None:
        create_database_file(self._path)
        connection = sqlite3.connect(
            self._path, timeout=LOCK_TIMEOUT_SECONDS, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, entry TEXT NOT NULL)"
            )
            columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(words)")]
            if columns != ["word", "entry"]:
                raise sqlite3.DatabaseError(f"unexpected columns {columns}")
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _recover(self, error: sqlite3.Error | OSError) -> None:
        """Recreate a damaged file; disable the cache after any other error."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if isinstance(error, sqlite3.OperationalError | OSError):
            logger.warning("word cache %s is disabled: %s", self._path, error)
            return
        logger.warning("word cache %s is damaged, recreating it: %s", self._path, error)
        for name in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + name).unlink(missing_ok=True)
        try:
            self._open()
        except (sqlite3.Error, OSError) as second:
            logger.warning("word cache %s is disabled: %s", self._path, second)
