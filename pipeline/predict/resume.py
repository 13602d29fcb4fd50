"""Keeps the predictions for an unfinished table, so that the same command can resume."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from pipeline.bounded_json import load_json
from pipeline.errors import InputError
from pipeline.storage.files import PRIVATE, refuse_link

logger = logging.getLogger(__name__)

Answer = Callable[[Iterable[list[str]]], Iterable[list[dict[str, Any]]]]
"""Function from chunks of texts to the predictions of each chunk, in order."""


class KeptAnswers:
    """A file with one line that identifies the prediction, then one line per chunk of answers.

    Attributes:
        texts: Number of texts whose answers were read from or written to the file so far.
    """

    def __init__(self, file: IO[bytes], identity: object, columns: Sequence[str]) -> None:
        """Start a new file or resume an existing one.

        Args:
            file: Open for reading and writing.
            identity: Identifies the prediction. If the file has another identity, its answers are
                discarded.
            columns: The columns of an answer.
        """
        self._file, self._columns = file, columns
        self.texts = 0
        begin = _line(identity)
        if file.readline() != begin:
            file.seek(0)
            file.truncate()
            self._write(begin)

    def complete(
        self, answer: Answer, chunks: Iterator[list[str]]
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the answers of all chunks: first the kept ones, then new ones, which are kept."""
        for answers in self._read():
            next(chunks)
            yield answers
        if self.texts:
            logger.info("resuming: %s texts are already predicted", f"{self.texts:,}")
        for new in answer(chunks):
            answers = list(new)
            self._write(_line([[one[name] for name in self._columns] for one in answers]))
            self.texts += len(answers)
            yield answers

    def _read(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the kept answers; remove an incomplete last line (after a kill)."""
        end = self._file.tell()
        with contextlib.suppress(ValueError):
            while (line := self._file.readline()).endswith(b"\n"):
                values = [dict(zip(self._columns, one, strict=True)) for one in load_json(line)]
                self.texts, end = self.texts + len(values), self._file.tell()
                yield values
        self._file.seek(end)
        self._file.truncate()

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._file.flush()


@contextlib.contextmanager
def keep_answers(
    output: Path, source: Path, identity: dict[str, Any], columns: Sequence[str]
) -> Iterator[KeptAnswers]:
    """Keep answers beside the output until the block succeeds or the input proves invalid.

    Args:
        output: The table that is written.
        source: The table that is read; its content is part of the prediction's identity.
        identity: The rest of the prediction's identity, as JSON.
        columns: The columns of an answer.

    Raises:
        InputError: Another process writes the same output.
    """
    path = output.with_name(f".{output.name}.unfinished")
    with _locked(path, output) as file, source.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        kept = KeptAnswers(file, identity | {"sha256": digest}, columns)
        keep = False
        try:
            yield kept
        except InputError:
            raise
        except BaseException:
            keep = kept.texts > 0
            raise
        finally:
            if keep:
                logger.info(
                    "%s texts are predicted: run the same command again to resume",
                    f"{kept.texts:,}",
                )
            else:
                path.unlink()


@contextlib.contextmanager
def _locked(path: Path, output: Path) -> Iterator[IO[bytes]]:
    """Open a private file with an exclusive lock."""
    refuse_link(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        with os.fdopen(os.open(path, flags, PRIVATE), "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"another process is writing {output}: wait for it or choose another output"
                ) from None
            with contextlib.suppress(FileNotFoundError):  # the previous process has just finished
                if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                    yield file
                    return


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
