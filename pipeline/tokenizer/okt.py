"""KoNLPy's Okt with an exact word cache."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import Tagged, fit, token_filter
from pipeline.tokenizer.cache import WordMemo
from pipeline.tokenizer.common_words import CommonWords
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.jvm import JavaObject, frozen_objects, konlpy_version, start_jvm
from pipeline.tokenizer.pool import Pool

WORDS_PER_CALL = 250
TEXTS_AT_ONCE = 2_000
WORDS_IN_MEMORY = 300_000
SEPARATOR = "\u241e"
"""Joins words in one call; Okt always tags it as a token of its own."""

_TAGGED = re.compile("(.*)/(.*)")
_SPACED_WORD = re.compile(r"\S+")
_WORD = re.compile(r"\S*(?:[^\W가-힣ㄱ-ㅣ]|[@#])\S*|[가-힣]+|[^\s가-힣]+")
"""A word with a digit, a foreign letter, @ or #; else a run of syllables or of non-syllables."""


class OktTokenizer:
    """Okt with a cache of tokens per word, in memory and on disk, and the package's common words.

    Okt tags each word independently of its neighbours, so the tokens of a text are the
    concatenated tokens of its words, and each distinct word is tagged once. Words end at spaces;
    without ``norm``, runs of Hangul also end at punctuation, except in words with digits, foreign
    letters, @ or #. The tokens are identical to KoNLPy's, except in words of more than
    :data:`pipeline.tokenizer.base.LONGEST_WORD` characters. Java starts at the first word that is
    not known.
    """

    def __init__(
        self, settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
    ) -> None:
        self._settings = settings
        self._keep = token_filter(settings)
        self._pool = Pool(workers)
        self._memo = None
        if memo is not None:
            name = f"okt-{konlpy_version()[:8]}-{settings.norm:d}{settings.stem:d}.db"
            self._memo = WordMemo(memo / name, settings.memo_words)
        self._words: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"OktTokenizer({self._settings!r})"

    def tokenize(self, texts: Sequence[str], cuts: Cuts | None = None) -> Iterator[list[str]]:
        """Yield the tokens of each text; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        counted = Cuts() if cuts is None else cuts
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            split = [
                self.words_of(fit(text, counted.add))
                for text in texts[start : start + TEXTS_AT_ONCE]
            ]
            tokens = self._tokens_of({word for words in split for word in words})
            for words in split:
                yield [token for word in words for token in tokens[word]]
        if cuts is None:
            counted.log(self._settings.name)

    @functools.cached_property
    def words_of(self) -> Callable[[str], list[str]]:
        """Function that splits a text into the words that are tagged one by one."""
        return (_SPACED_WORD if self._settings.norm else _WORD).findall

    @functools.cached_property
    def version(self) -> str:
        """What Okt's results depend on."""
        return f"okt {konlpy_version()} norm={self._settings.norm:d} stem={self._settings.stem:d}"

    def close(self) -> None:
        """Cancel calls in other threads; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        self._pool.close()
        if self._memo is not None:
            self._memo.close()

    def _tokens_of(self, words: set[str]) -> dict[str, list[str]]:
        """The tokens of each word: from memory, the cache on disk, the package, or Okt."""
        known = self._words
        tokens = {word: known[word] for word in words & known.keys()}
        unknown = words - tokens.keys()
        if not unknown:
            return tokens
        found = self._memo.get(unknown) if self._memo is not None else {}
        if new := unknown - found.keys():
            tagged = CommonWords.load(self.version).get(new)
            if rare := new - tagged.keys():
                tagged |= self.tag(sorted(rare))
            if self._memo is not None:
                self._memo.put(tagged)
            found |= tagged
        parsed = {word: self._keep(_parse(lines)) for word, lines in found.items()}
        with self._lock:
            if len(self._words) + len(parsed) > WORDS_IN_MEMORY:
                self._words = {}
            self._words.update(parsed)
        return tokens | parsed

    def tag(self, words: list[str]) -> dict[str, str]:
        """Tag each word with Okt; the result has lines of ``token/tag``."""
        with self._lock:
            _ = self._java  # start Java in this thread, so that its log line belongs to the run
        calls = [words[i : i + WORDS_PER_CALL] for i in range(0, len(words), WORDS_PER_CALL)]
        with frozen_objects():
            return {
                word: tagged
                for call, result in zip(calls, self._pool.map(self._call, calls), strict=True)
                for word, tagged in zip(call, result, strict=True)
            }

    def _call(self, words: list[str]) -> list[str]:
        """Tag all words in one call of Okt, joined by a separator."""
        if any(SEPARATOR in word for word in words):
            return [self._tokenize(word) for word in words]
        tagged: list[list[str]] = [[]]
        for line in self._tokenize(f" {SEPARATOR} ".join(words)).split("\n"):
            if line.startswith(f"{SEPARATOR}/"):
                tagged.append([])
            else:
                tagged[-1].append(line)
        return ["\n".join(lines) for lines in tagged]

    def _tokenize(self, text: str) -> str:
        """The result of ``Okt.pos(text, join=True)``, passed from Java as one string."""
        okt, join, norm, stem = self._java
        return str(join("\n", okt.tokenize(text, norm, stem)))

    @functools.cached_property
    def _java(self) -> tuple[JavaObject, JavaObject, JavaObject, JavaObject]:
        start_jvm(self._settings.jvm_heap_mb)
        import jpype
        from konlpy.tag import Okt

        norm, stem = map(jpype.java.lang.Boolean, (self._settings.norm, self._settings.stem))
        return Okt().jki, jpype.java.lang.String.join, norm, stem


def _parse(tagged: str) -> list[Tagged]:
    return _TAGGED.findall(tagged)
