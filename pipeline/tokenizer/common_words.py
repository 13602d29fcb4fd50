"""Okt's results for words that are common in reviews, shipped with the package."""

from __future__ import annotations

import functools
import gzip
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.bundled import bundled
from pipeline.storage.files import atomic_write

FILE = "okt.txt.gz"
_END = "\t"
"""Separates a word from its tokens in a line; sorts before every character of a word."""
_PART = re.compile(rb"(\d+)([A-Z])")


class CommonWords(NamedTuple):
    """Tagged words.

    Attributes:
        version: What the results depend on: version and settings of the tagger.
        tags: Name of the tag that each letter stands for.
        lines: One line per word, sorted, in UTF-8: the word, a tab, then the length and the tag
            letter of each token.
    """

    version: str
    tags: dict[bytes, str]
    lines: list[bytes]

    @classmethod
    def load(cls, version: str) -> CommonWords:
        """The words of the package; none if they are for another version. Read only once."""
        words = _bundled()
        return words if words.version == version else cls(version, {}, [])

    @classmethod
    def of(cls, entries: Mapping[str, str], version: str) -> CommonWords:
        """Collect the words whose concatenated tokens equal the word.

        Args:
            entries: For each word, its lines of ``token/tag``.
            version: What the results depend on, see :class:`CommonWords`.
        """
        tagged = {word: _pairs(entry) for word, entry in entries.items() if entry}
        whole = {
            word: pairs
            for word, pairs in tagged.items()
            if _END not in word and "".join(token for token, _ in pairs) == word
        }
        tags = sorted({tag for pairs in whole.values() for _, tag in pairs})
        letters = {tag: chr(ord("A") + number) for number, tag in enumerate(tags)}
        lines = (
            word + _END + "".join(f"{len(token)}{letters[tag]}" for token, tag in pairs)
            for word, pairs in whole.items()
        )
        return cls(
            version,
            {letter.encode(): tag for tag, letter in letters.items()},
            sorted(line.encode() for line in lines),
        )

    @classmethod
    def read(cls, content: bytes) -> CommonWords:
        """Read the content of a file that :meth:`save` wrote."""
        version, tags, *lines = gzip.decompress(content).split(b"\n")
        names = dict(enumerate(tags.decode().split(), ord("A")))
        return cls(version.decode(), {bytes([code]): tag for code, tag in names.items()}, lines)

    def save(self, path: Path) -> None:
        """Write the words; equal words give equal bytes."""
        head = [self.version.encode(), " ".join(self.tags.values()).encode()]
        with atomic_write(path) as file:
            file.write(gzip.compress(b"\n".join([*head, *self.lines]), mtime=0))

    def get(self, words: Iterable[str]) -> dict[str, str]:
        """Look up words; the result has the lines of ``token/tag`` of the known words only."""
        found, lines, last = {}, self.lines, len(self.lines)
        for word in words:
            key = (word + _END).encode()
            place = bisect_left(lines, key)
            if place < last and lines[place].startswith(key):
                found[word] = self._entry(word, lines[place][len(key) :])
        return found

    def _entry(self, word: str, parts: bytes) -> str:
        tokens, begin = [], 0
        for length, letter in _PART.findall(parts):
            end = begin + int(length)
            tokens.append(f"{word[begin:end]}/{self.tags[letter]}")
            begin = end
        return "\n".join(tokens)


def _pairs(entry: str) -> list[tuple[str, str]]:
    """The tokens of an entry, each with its tag."""
    split = (line.rpartition("/") for line in entry.split("\n"))
    return [(token, tag) for token, _, tag in split]


@functools.cache
def _bundled() -> CommonWords:
    return CommonWords.read((bundled("words") / FILE).read_bytes())
