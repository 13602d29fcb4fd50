"""KoNLPy's Okt behind an exact memo of words."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import Tagged, fit, token_filter
from pipeline.tokenizer.cache import WordMemo
from pipeline.tokenizer.jvm import JavaObject, frozen_objects, konlpy_version, start_jvm
from pipeline.tokenizer.pool import Pool

WORDS_PER_CALL = 250
TEXTS_AT_ONCE = 2_000
WORDS_IN_MEMORY = 300_000
SEPARATOR = "\u241e"
"""Put between words; Okt makes one token of it, whatever stands around."""

_SPACED_WORD = re.compile(r"\S+")
_WORD = re.compile(r"\S*(?:[^\W가-힣ㄱ-ㅣ]|[@#])\S*|[가-힣]+|[^\s가-힣]+")
"""A word with a number, a foreign letter, @ or #; else a run of syllables, or what is between."""


class OktTokenizer:
    """Okt, which looks at one word at a time.

    So its tokens for a text are those of its words, one after the other, and a word is cut once,
    however often it comes, also in later runs. Words end at spaces and, where Okt does not
    normalise and numbers do not meet their units, at punctuation. Only in a word of more than
    :data:`pipeline.tokenizer.base.LONGEST_WORD` characters the tokens may differ from KoNLPy's.
    Java is started when the first word comes that the memo does not know.
    """

    def __init__(
        self, settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
    ) -> None:
        self._settings = settings
        self._keep = token_filter(settings)
        self._pool = Pool(workers)
        self._memo = None
        if memo is not None:
            version = f"{konlpy_version()[:8]}-{settings.norm:d}{settings.stem:d}"
            self._memo = WordMemo(memo / f"okt-{version}.db", settings.memo_words)
        self._words: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"OktTokenizer({self._settings!r})"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        words_of = (_SPACED_WORD if self._settings.norm else _WORD).findall
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            split = [words_of(fit(text)) for text in texts[start : start + TEXTS_AT_ONCE]]
            tokens = self._tokens_of({word for words in split for word in words})
            for words in split:
                yield [token for word in words for token in tokens[word]]

    def close(self) -> None:
        """Give up what other threads wait for; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        self._pool.close()
        if self._memo is not None:
            self._memo.close()

    def _tokens_of(self, words: set[str]) -> dict[str, list[str]]:
        """The tokens of each word: from memory, from the memo on disk, from Okt."""
        known = self._words
        tokens = {word: known[word] for word in words & known.keys()}
        unknown = words - tokens.keys()
        if not unknown:
            return tokens
        found = self._memo.get(unknown) if self._memo is not None else {}
        if new := unknown - found.keys():
            cut = self._cut(sorted(new))
            if self._memo is not None:
                self._memo.put(cut)
            found |= cut
        learnt = {word: self._keep(_parse(tagged)) for word, tagged in found.items()}
        with self._lock:
            if len(self._words) + len(learnt) > WORDS_IN_MEMORY:
                self._words = {}
            self._words.update(learnt)
        return tokens | learnt

    def _cut(self, words: list[str]) -> dict[str, str]:
        """What Okt makes of each word, as lines of ``token/tag``."""
        with self._lock:
            _ = self._java  # started here, not in a thread of the pool, whose log has no run
        calls = [words[i : i + WORDS_PER_CALL] for i in range(0, len(words), WORDS_PER_CALL)]
        with frozen_objects():
            return {
                word: tagged
                for call, answer in zip(calls, self._pool.map(self._call, calls), strict=True)
                for word, tagged in zip(call, answer, strict=True)
            }

    def _call(self, words: list[str]) -> list[str]:
        """What Okt makes of each word, from one call for all, with a separator between them."""
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
        """What ``Okt.pos(text, join=True)`` gives, crossing from Java as one string."""
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
    pairs = (line.rpartition("/") for line in tagged.split("\n")) if tagged else ()
    return [(token, tag) for token, _, tag in pairs]
