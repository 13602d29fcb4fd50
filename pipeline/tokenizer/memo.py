"""What a tagger made of each word, kept on disk between runs."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

logger = logging.getLogger(__name__)

SECONDS_TO_WAIT = 10.0


class WordMemo:
    """A bounded table of words in a SQLite file that several processes may share.

    It only saves time: a file that is damaged is thrown away, one that cannot be used is done
    without.
    """

    def __init__(self, path: Path, max_words: int) -> None:
        """Open the file or make it.

        Args:
            path: The file; what its entries depend on is part of its name.
            max_words: When there are more, those that were learnt first are forgotten.
        """
        self._path = path
        self._max_words = max_words
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            try:
                self._open()
            except sqlite3.Error as error:
                self._give_up(error)

    def __repr__(self) -> str:
        return f"WordMemo({str(self._path)!r}, max_words={self._max_words})"

    def get(self, words: Collection[str]) -> dict[str, str]:
        """The entries of those of the words that are known."""
        with self._lock:
            if self._connection is None:
                return {}
            asked = json.dumps(list(words), ensure_ascii=False)
            try:
                return dict(
                    self._connection.execute(
                        "SELECT word, entry FROM words"
                        " WHERE word IN (SELECT value FROM json_each(?))",
                        (asked,),
                    )
                )
            except sqlite3.Error as error:
                self._give_up(error)
                return {}

    def put(self, entries: Mapping[str, str]) -> None:
        """Keep entries; one that is known already stays as it is."""
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
                self._give_up(error)

    def close(self) -> None:
        """Close the file; nothing is known or kept from then on."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, timeout=SECONDS_TO_WAIT, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, entry TEXT NOT NULL)"
            )
            columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(words)")]
            if columns != ["word", "entry"]:
                raise sqlite3.DatabaseError(f"its columns are {columns}")
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _give_up(self, error: sqlite3.Error) -> None:
        """Begin anew after damage; go on without a file after anything else."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if isinstance(error, sqlite3.OperationalError):
            logger.warning("words are not kept in %s: %s", self._path, error)
            return
        logger.warning("%s is damaged and made anew: %s", self._path, error)
        for name in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + name).unlink(missing_ok=True)
        try:
            self._open()
        except sqlite3.Error as again:
            logger.warning("words are not kept in %s: %s", self._path, again)
