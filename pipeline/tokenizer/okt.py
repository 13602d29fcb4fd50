"""KoNLPy's Okt with a word cache that does not change the tokens."""

from __future__ import annotations

import functools
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.runtime import frozen_objects
from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import fit, has_filter, token_filter
from pipeline.tokenizer.cache import WordMemo
from pipeline.tokenizer.common_words import CommonWords
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.flat_tokens import FlatTokens
from pipeline.tokenizer.jvm import JavaObject, konlpy_version, start_jvm
from pipeline.tokenizer.okt_split import MIN_TEXTS, OktSplitter
from pipeline.tokenizer.okt_words import UNKNOWN, TaggedWords, lines_of
from pipeline.tokenizer.pool import Pool

WORDS_PER_CALL = 250
TEXTS_AT_ONCE = 2_000
WORDS_IN_MEMORY = 300_000
SEPARATOR = "\u241e"
"""Joins words in one call; Okt always tags it as a token of its own."""

_SPACED_WORD = re.compile(r"\S+")
WORD = re.compile(
    r"[가-힣]++(?!\S)"
    r"|(?<!\S)(?:[가-힣]++|[ㄱ-ㅣ]|[^\w\s@#])*+(?:[^\W가-힣ㄱ-ㅣ]|[@#])\S*+"
    r"|[가-힣]++|[^\s가-힣]++"
)
"""A whole word if it has a digit, a foreign letter, @ or #; else a run of syllables or of other
characters."""


class OktTokenizer:
    """Okt with a cache of tokens per word (in memory and on disk) and a list of common words.

    Okt tags each word independently of its neighbours, so the tokens of a text are the
    concatenated tokens of its words, and each distinct word is tagged once. Words end at spaces;
    without ``norm``, runs of Hangul also end at punctuation, except in words with digits, foreign
    letters, @ or #. The tokens are identical to KoNLPy's, except in words of more than
    :data:`pipeline.tokenizer.base.LONGEST_WORD` characters. Java starts at the first unknown word.
    """

    def __init__(
        self, settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
    ) -> None:
        self._settings = settings
        self._keep, self._has_filter = token_filter(settings), has_filter(settings)
        self._splitter = OktSplitter()
        self._pool = Pool(workers)
        self._memo = None
        if memo is not None:
            name = f"okt-{konlpy_version()[:8]}-{settings.norm:d}{settings.stem:d}.db"
            self._memo = WordMemo(memo / name, settings.memo_words)
        self._words = TaggedWords(self._token_of)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"OktTokenizer({self._settings!r})"

    def tokenize(self, texts: Sequence[str], cuts: Cuts | None = None) -> Iterator[list[str]]:
        """Yield the tokens of each text; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        counted = Cuts() if cuts is None else cuts
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            yield from self._flat(texts[start : start + TEXTS_AT_ONCE], counted)
        if cuts is None:
            counted.log(self._settings.name)

    def flat(self, texts: Sequence[str]) -> FlatTokens:
        """The tokens of all texts; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        cuts = Cuts()
        tokens = self._flat(texts, cuts)
        cuts.log(self._settings.name)
        return tokens

    def _flat(self, texts: Sequence[str], cuts: Cuts) -> FlatTokens:
        words, lengths = self._split([fit(text, cuts.add) for text in texts])
        known = self._words
        numbers = known.find(words)
        for add in (self._add_from_disk, self._add_new):
            if len(unknown := np.flatnonzero(numbers == UNKNOWN)):
                missing = [words[place] for place in unknown.tolist()]
                add(known, set(missing))
                numbers[unknown] = known.find(missing)
        if len(known) > WORDS_IN_MEMORY:
            self._words = TaggedWords(self._token_of)
        return known.join(numbers, lengths)

    def _split(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
        """The words of all texts, text after text, and the number of words of each."""
        if len(texts) >= MIN_TEXTS and not self._settings.norm:
            return self._splitter.split(texts)
        split = [self.words_of(text) for text in texts]
        return list(itertools.chain.from_iterable(split)), np.array([*map(len, split)], np.int64)

    @functools.cached_property
    def words_of(self) -> Callable[[str], list[str]]:
        """Function that splits a text into the words that are tagged one by one."""
        return (_SPACED_WORD if self._settings.norm else WORD).findall

    @functools.cached_property
    def version(self) -> str:
        """Identifies what Okt's results depend on: version and settings."""
        return f"okt {konlpy_version()} norm={self._settings.norm:d} stem={self._settings.stem:d}"

    def close(self) -> None:
        """Cancel calls in other threads; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        self._pool.close()
        if self._memo is not None:
            self._memo.close()

    def _add_from_disk(self, known: TaggedWords, words: set[str]) -> None:
        """Add the words that are in the cache on disk, possibly together with other words."""
        if self._memo is None:
            return
        all_words, lines = self._memo.whole(len(words))
        if all_words:
            known.add(all_words, lines)
        else:
            found = self._memo.get(words)
            known.add([*found], lines_of(found.values()))

    def _add_new(self, known: TaggedWords, words: set[str]) -> None:
        """Add words that are not cached, tagged by the common words or Okt; cache them on disk."""
        tagged = CommonWords.load(self.version).get(words)
        if rare := words - tagged.keys():
            tagged |= self.tag(sorted(rare))
        if self._memo is not None:
            self._memo.put(tagged)
        known.add([*tagged], lines_of(tagged.values()))

    def _token_of(self, line: str) -> str | None:
        """The token of a line ``token/tag`` of an entry; None if it is filtered out."""
        token, slash, tag = line.rpartition("/")
        if not self._has_filter:
            return token if slash else None
        kept = self._keep([(token, tag)]) if slash else None
        return kept[0] if kept else None

    def tag(self, words: list[str]) -> dict[str, str]:
        """Tag each word with Okt; the result maps words to lines of ``token/tag``."""
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
