"""Tags the words that come with the package: ``python -m pipeline.stages.build_words FILE...``.

Each file holds reviews: a table with a text column, or one review a line. Okt tags every word that
occurs at least twice in all of them, with the default settings. Words that may be personal, those
with ``@``, ``#`` or more than four digits, are left out. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipeline.prepare.clean import clean
from pipeline.prepare.unlabeled import read_unlabeled
from pipeline.settings import CleanSettings, TokenizerSettings
from pipeline.tokenizer.common_words import FILE, CommonWords
from pipeline.tokenizer.okt import OktTokenizer

DEFAULT = Path(__file__).parents[2] / "data" / "words" / FILE
LEAST = 2
"""Minimum number of occurrences of a word."""
TAGGED_AT_ONCE = 10_000
_PERSONAL = re.compile(r"[@#]|(?:\d\D*){5}")


def build(texts: Iterable[str], least: int = LEAST) -> CommonWords:
    """Tag the words of raw texts that occur at least ``least`` times."""
    okt, settings, counts = OktTokenizer(TokenizerSettings()), CleanSettings(), Counter[str]()
    for text in texts:
        counts.update(okt.words_of(clean(text, settings)))
    words = sorted(
        word for word, count in counts.items() if count >= least and not _PERSONAL.search(word)
    )
    entries: dict[str, str] = {}
    for begin in range(0, len(words), TAGGED_AT_ONCE):
        entries |= okt.tag(words[begin : begin + TAGGED_AT_ONCE])
    return CommonWords.of(entries, okt.version)


def main() -> None:
    """Build and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, default=DEFAULT)
    options = parser.parse_args()
    built = build(text for path in options.files for text in read_unlabeled(path))
    built.save(options.output)
    size = options.output.stat().st_size
    print(json.dumps({"file": str(options.output), "words": len(built.lines), "bytes": size}))


if __name__ == "__main__":
    main()
