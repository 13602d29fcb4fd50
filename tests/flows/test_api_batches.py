"""Texts of concurrent requests in one queue."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from flows.api.batches import Answer, Batches, BusyError
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor

FIRST, SECOND = StarterPredictor(), StarterPredictor()


class Recorder:
    """Answers each text with itself; keeps the batches, and waits before the first."""

    def __init__(self) -> None:
        self.batches: list[tuple[TextPredictor, list[str]]] = []
        self.goes = threading.Event()

    def __call__(self, predictor: TextPredictor, texts: list[str]) -> list[Answer]:
        self.goes.wait()
        self.batches.append((predictor, texts))
        if "bad" in texts:
            raise ValueError("bad")
        return [{"text": text} for text in texts]


def ask(
    work: Recorder, *asked: tuple[TextPredictor, list[str]], size: int = 3, most: int = 100
) -> list[Any]:
    """What each of several concurrent requests gets, answers or an exception."""

    async def run() -> list[Any]:
        batches = Batches(work, size=size, most=most)
        async with batches.running():
            requests: list[Coroutine[Any, Any, list[Answer]]] = [
                batches.answer(*one) for one in asked
            ]
            asyncio.get_running_loop().call_later(0.05, work.goes.set)
            return list(await asyncio.gather(*requests, return_exceptions=True))

    return asyncio.run(run())


def texts_of(answers: list[Answer]) -> list[str]:
    return [one["text"] for one in answers]


def test_requests_share_batches() -> None:
    work = Recorder()
    found = ask(work, *((FIRST, [text]) for text in "abcd"))
    assert [texts_of(one) for one in found] == [["a"], ["b"], ["c"], ["d"]]
    assert [texts for _, texts in work.batches] == [["a", "b", "c"], ["d"]]


def test_a_large_request_is_split_and_keeps_its_order() -> None:
    work = Recorder()
    large, small = ask(work, (FIRST, list("abcdefg")), (FIRST, ["h"]))
    assert texts_of(large) == list("abcdefg")
    assert texts_of(small) == ["h"]
    assert [texts for _, texts in work.batches] == [list("abc"), list("def"), ["g", "h"]]


def test_a_batch_is_for_one_model() -> None:
    work = Recorder()
    ask(work, (FIRST, ["a"]), (SECOND, ["b"]), (FIRST, ["c"]))
    assert [(one is SECOND, texts) for one, texts in work.batches] == [
        (False, ["a"]),
        (True, ["b"]),
        (False, ["c"]),
    ]


def test_an_error_is_the_culprits_only() -> None:
    first, second, third = ask(Recorder(), (FIRST, ["a"]), (FIRST, ["bad"]), (FIRST, ["b"]))
    assert (texts_of(first), texts_of(third)) == (["a"], ["b"])
    assert isinstance(second, ValueError)


def test_too_many_texts_are_refused() -> None:
    first, second = ask(Recorder(), (FIRST, list("abcd")), (FIRST, ["e"]), most=4)
    assert texts_of(first) == list("abcd")
    assert isinstance(second, BusyError)


def test_one_request_may_have_more_texts_than_may_wait() -> None:
    (found,) = ask(Recorder(), (FIRST, list("abcd")), most=2)
    assert texts_of(found) == list("abcd")


@pytest.mark.parametrize("size", [1, 2, 64])
def test_a_queue_is_empty_again(size: int) -> None:
    work = Recorder()
    found = ask(work, *((FIRST, list("ab")) for _ in range(10)), size=size)
    assert [texts_of(one) for one in found] == [["a", "b"]] * 10
