"""Batches texts of concurrent requests and predicts them together in a thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline.predict.text_predictor import TextPredictor

Answer = dict[str, Any]
Work = Callable[[TextPredictor, list[str]], list[Answer]]
"""Function from texts to one answer each."""
GATHER_SECONDS = 0.002
"""How long a batch that is not full waits for further texts."""


class BusyError(Exception):
    """Too many texts are waiting."""


@dataclass(frozen=True)
class _Piece:
    """Texts of one request, of at most the size of a batch."""

    predictor: TextPredictor
    texts: Sequence[str]
    answers: asyncio.Future[list[Answer]]


class Batches:
    """A queue of texts and the thread that predicts them, batch by batch.

    Use it as ``async with batches.running()``.
    """

    def __init__(self, work: Work, *, size: int, most: int) -> None:
        """Make an empty queue.

        Args:
            work: Called in the thread with the texts of a batch, all for the same model.
            size: Number of texts in a batch.
            most: Number of texts that may wait.
        """
        self._work, self._size, self._most = work, size, most
        self._waiting: deque[_Piece] = deque()
        self._texts = 0
        self._arrived = asyncio.Event()

    async def answer(self, predictor: TextPredictor, texts: Sequence[str]) -> list[Answer]:
        """The answers of a request's texts, all by the same model.

        Raises:
            BusyError: Too many texts are waiting.
        """
        if self._texts and self._texts + len(texts) > self._most:
            raise BusyError
        pieces = [
            _Piece(
                predictor,
                texts[begin : begin + self._size],
                asyncio.get_running_loop().create_future(),
            )
            for begin in range(0, len(texts), self._size)
        ]
        self._waiting.extend(pieces)
        self._texts += len(texts)
        self._arrived.set()
        found = await asyncio.gather(*(piece.answers for piece in pieces))
        return [answer for answers in found for answer in answers]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Process the queue while the block runs."""
        with ThreadPoolExecutor(1, thread_name_prefix="predictions") as thread:
            runner = asyncio.create_task(self._run(thread))
            try:
                yield
            finally:
                runner.cancel()

    async def _run(self, thread: ThreadPoolExecutor) -> None:
        while True:
            await self._arrived.wait()
            if self._texts < self._size:
                await asyncio.sleep(GATHER_SECONDS)
            batch = self._next()
            found = await asyncio.get_running_loop().run_in_executor(thread, self._results, batch)
            for piece, result in zip(batch, found, strict=True):
                if piece.answers.done():  # its request was cancelled
                    continue
                if isinstance(result, Exception):
                    piece.answers.set_exception(result)
                else:
                    piece.answers.set_result(result)

    def _next(self) -> list[_Piece]:
        """Take the longest waiting pieces for the same model, at most one batch."""
        first = self._waiting.popleft()
        batch, room = [first], self._size - len(first.texts)
        while self._waiting:
            piece = self._waiting[0]
            if piece.predictor is not first.predictor or len(piece.texts) > room:
                break
            batch.append(self._waiting.popleft())
            room -= len(piece.texts)
        self._texts -= self._size - room
        if not self._waiting:
            self._arrived.clear()
        return batch

    def _results(self, batch: Sequence[_Piece]) -> list[list[Answer] | Exception]:
        """Answers of each piece; after an error, each piece alone, so that only the cause fails."""
        try:
            texts = [text for piece in batch for text in piece.texts]
            answers = iter(self._work(batch[0].predictor, texts))
        except Exception as error:
            if len(batch) == 1:
                return [error]
            return [result for piece in batch for result in self._results([piece])]
        return [list(islice(answers, len(piece.texts))) for piece in batch]
