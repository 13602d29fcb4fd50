"""Wrappers for Komoran, Hannanum and Kkma (KoNLPy), MeCab and Kiwi."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import Any, Protocol

from pipeline.errors import RunError, SettingsError
from pipeline.helper_process import exit_with
from pipeline.settings import TokenizerSettings
from pipeline.tokenizer import hannanum, kkma
from pipeline.tokenizer.base import Tagged, cut_words, pieces_of
from pipeline.tokenizer.jvm import start_jvm
from pipeline.tokenizer.mecab_binding import load_mecab

OnCut = Callable[[str], None]
"""Called with each word that is cut because it is too long for a tagger."""

PATIENCE_SECONDS = 10.0
"""Time without a result after which MeCab's processes are checked."""
CHARACTERS_BEFORE_PROCESSES = 200_000
"""Characters that MeCab tags in the main process before it starts others: in half a second, while
starting two takes a second. 5,000 reviews have as many."""
SAFE_WORD = 40
"""Length of words on which no tagger fails; Hannanum fails on some words of 80 characters."""

UNKNOWN_TAG = "UNKNOWN"
"""Part-of-speech tag of characters that a tagger cannot read."""

_BEYOND_BMP = re.compile("([\U00010000-\U0010ffff]+)")

_KOMORAN_TOKEN = re.compile(
    r"Token \[morph=(.*?), pos=(\w+), beginIndex=\d+, endIndex=\d+\](?:, |\]$)", re.DOTALL
)

_breaking, _starting = threading.Lock(), threading.Lock()
"""Held while a thread that waits for an executor breaks it, or while a thread starts it."""

_loading = threading.Lock()
"""Held while a KoNLPy tagger loads its dictionary, which is shared by all threads of the JVM."""


class Tagger(Protocol):
    """Tags texts. Thread-safe.

    Attributes:
        texts_per_call: Number of texts per call of :meth:`tag`, which takes less than a second.
    """

    texts_per_call: int

    def tag(self, texts: Sequence[str], on_cut: OnCut) -> Sequence[list[Tagged]]:
        """Tag texts that are not empty; returns the tagged tokens of each text.

        No word is longer than :data:`pipeline.tokenizer.base.LONGEST_WORD`. A tagger that needs
        shorter words cuts them and calls ``on_cut`` with each word that it cuts.
        """


class KonlpyTagger:
    """One of KoNLPy's taggers on the Java virtual machine, with one instance per thread."""

    def __init__(
        self,
        name: str,
        heap_mb: int,
        *,
        texts_per_call: int,
        pos: Callable[[Any, str], Sequence[Tagged]] = lambda tagger, text: tagger.pos(text),
        split: Callable[[str], list[str]] = lambda word: [word],
        keeps_leftovers: bool = False,
    ) -> None:
        """Start Java.

        Args:
            name: Name of the class in ``konlpy.tag``.
            heap_mb: Maximum Java heap in MB.
            texts_per_call: See :class:`Tagger`.
            pos: Replacement for the tagger's ``pos`` method, with the same result.
            split: Splits a word into pieces that are short enough for the tagger.
            keeps_leftovers: Whether, after a failure, the tagger would return tokens of earlier
                texts, so that it has to be loaded again.

        Raises:
            RunError: Java cannot start.
        """
        start_jvm(heap_mb)
        self._tag_part = pos
        self.texts_per_call = texts_per_call
        self._split = split
        self._keeps_leftovers = keeps_leftovers
        self._name = name
        self._heap_mb = heap_mb
        self._local = threading.local()

    def tag(self, texts: Sequence[str], on_cut: OnCut) -> list[list[Tagged]]:
        """See :class:`Tagger`."""
        return [self._tag(text, on_cut) for text in texts]

    def _tag(self, text: str, on_cut: OnCut) -> list[Tagged]:
        """Tag a text; characters beyond the BMP, such as emoji, bypass the tagger."""
        tagged: list[Tagged] = []
        for index, part in enumerate(_BEYOND_BMP.split(text)):
            if index % 2:
                tagged.append((part, UNKNOWN_TAG))
            elif not part.isspace() and part:
                tagged += self._pos(part, on_cut)
        return tagged

    def _pos(self, text: str, on_cut: OnCut) -> list[Tagged]:
        """Tag a text; if the tagger fails on it, try again with shorter words."""
        tagged = self._call(text, self._split, on_cut)
        if not tagged and max(map(len, text.split())) > SAFE_WORD:
            tagged = self._call(text, self._split_safely, on_cut) or None
        return [(word, UNKNOWN_TAG) for word in text.split()] if tagged is None else tagged

    def _split_safely(self, word: str) -> list[str]:
        return [safe for piece in self._split(word) for safe in pieces_of(piece, SAFE_WORD)]

    def _call(
        self, text: str, split: Callable[[str], list[str]], on_cut: OnCut
    ) -> list[Tagged] | None:
        """The tagger's tokens: None after an exception, empty if Hannanum caught it itself."""
        import jpype

        konlpy = self._konlpy
        try:
            tagged = list(self._tag_part(konlpy, cut_words(text, split, on_cut)))
        except jpype.java.lang.VirtualMachineError as error:
            raise self._lacks_memory(error) from error
        except (jpype.JException, IndexError):
            tagged = None
        if not tagged and self._keeps_leftovers:
            del self._local.tagger
        return tagged

    @property
    def _konlpy(self) -> Any:
        """The tagger of this thread."""
        if not hasattr(self._local, "tagger"):
            import jpype
            import konlpy.tag

            try:
                with _loading:
                    tagger = getattr(konlpy.tag, self._name)()
                    tagger.pos("가")
            except jpype.JException as error:
                raise self._lacks_memory(error) from error
            self._local.tagger = tagger
        return self._local.tagger

    def _lacks_memory(self, error: Exception) -> RunError:
        return RunError(
            f"{self._name} does not fit into {self._heap_mb} MB of Java heap: {error}; "
            "increase tokenizer.jvm_heap_mb or decrease runner.workers"
        )


def komoran_pos(tagger: Any, text: str) -> list[Tagged]:
    """The result of ``Komoran.pos``, with three Java calls per line instead of two per token."""
    tagged: list[Tagged] = []
    for line in filter(None, text.split("\n")):
        tagged += _KOMORAN_TOKEN.findall(str(tagger.jki.analyze(line).getTokenList().toString()))
    return tagged


class MecabTagger:
    """MeCab with python-mecab-ko's Korean dictionary; uses several processes for large inputs.

    MeCab holds the GIL while it works, so threads would not run in parallel. Small inputs, and the
    first :data:`CHARACTERS_BEFORE_PROCESSES` of large ones, are tagged in this process.
    """

    texts_per_call = 500

    def __init__(self, workers: int) -> None:
        try:
            load_mecab()
        except ImportError as error:
            raise _not_installed("mecab") from error
        self._workers, self._tagged = workers, 0

    def tag(self, texts: Sequence[str], on_cut: OnCut) -> list[list[Tagged]]:
        """See :class:`Tagger`."""
        is_early = self._tagged < CHARACTERS_BEFORE_PROCESSES
        if self._workers == 1 or is_early or len(texts) < self.texts_per_call:
            self._tagged += sum(map(len, texts))
            return mecab_pos(texts)
        from concurrent.futures.process import BrokenProcessPool

        with contextlib.suppress(BrokenProcessPool):
            return _tag_in_a_process(texts, self._workers)
        try:
            return _tag_in_a_process(texts, self._workers)
        except BrokenProcessPool as error:
            raise RunError(
                "MeCab worker processes died twice: decrease runner.workers if memory ran out"
            ) from error


def _tag_in_a_process(texts: Sequence[str], workers: int) -> list[list[Tagged]]:
    """The result of :func:`mecab_pos` in one of the processes.

    Raises:
        BrokenProcessPool: A process died, now or since the last call.
    """
    executor = _start_processes(workers)
    answer = executor.submit(mecab_pos, texts)
    while not wait([answer], PATIENCE_SECONDS).done:
        _break_if_a_process_died(executor)
    return list(answer.result())


def _start_processes(count: int) -> Any:
    """The executor of this process, which all taggers share.

    Only one thread at a time imports its package: the modules import each other circularly, so a
    second thread could see them partially initialized.
    """
    with _starting:
        from joblib.externals.loky import get_reusable_executor

        return get_reusable_executor(
            max_workers=count, initializer=exit_with, initargs=(os.getpid(),)
        )


def _break_if_a_process_died(executor: Any) -> None:
    """Make an executor notice a dead process, even if it was killed while it wrote a result.

    The executor would wait forever for the rest of such a result. Once all writers are closed, it
    reads the end of the file instead. An idle process that exited with status 0 does not count.
    """
    with _breaking:
        processes, writer = list(executor._processes.values()), executor._result_queue._writer
        if any(one.exitcode for one in processes) and not writer.closed:
            for one in processes:
                one.terminate()
            writer.close()


def mecab_pos(texts: Sequence[str]) -> list[list[Tagged]]:
    """The result of ``MeCab.pos`` for each text; parses MeCab's output, which is faster."""
    parse, found = load_mecab(), []
    for text in texts:
        *lines, _, _ = parse(text).split("\n")
        tokens = (line.partition("\t") for line in lines)
        found.append([(surface, features.partition(",")[0]) for surface, _, features in tokens])
    return found


class KiwiTagger:
    """Kiwi, which uses its own threads."""

    texts_per_call = 500

    def __init__(self, workers: int) -> None:
        try:
            from kiwipiepy import Kiwi
        except ImportError as error:
            raise _not_installed("kiwi") from error
        self._kiwi = Kiwi(num_workers=workers)

    def tag(self, texts: Sequence[str], on_cut: OnCut) -> list[list[Tagged]]:
        """See :class:`Tagger`."""
        return [[(t.form, t.tag) for t in tokens] for tokens in self._kiwi.tokenize(texts)]


def _not_installed(extra: str) -> SettingsError:
    return SettingsError(
        f"tokenizer.name = {extra} needs a package that is not installed: "
        f"pip install 'review-sentiment[{extra}]'"
    )


TAGGERS: dict[str, Callable[[TokenizerSettings, int], Tagger]] = {
    "komoran": lambda settings, _: KonlpyTagger(
        "Komoran", settings.jvm_heap_mb, texts_per_call=100, pos=komoran_pos
    ),
    "hannanum": lambda settings, _: KonlpyTagger(
        "Hannanum",
        settings.jvm_heap_mb,
        texts_per_call=20,
        split=hannanum.split_word,
        keeps_leftovers=True,
    ),
    "kkma": lambda settings, _: KonlpyTagger(
        "Kkma",
        settings.jvm_heap_mb,
        texts_per_call=5,
        split=lambda word: kkma.split_word(word, kkma.count_analyses),
    ),
    "mecab": lambda _, workers: MecabTagger(workers),
    "kiwi": lambda _, workers: KiwiTagger(workers),
}
"""Factory of each tagger, called with the settings and the number of threads."""
