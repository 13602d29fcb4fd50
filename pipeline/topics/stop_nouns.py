"""Lists of nouns that cannot be topics, from ``stop_nouns.txt``."""

from __future__ import annotations

import functools

from pipeline.topics.word_lists import read_sections

LIST = "stop_nouns.txt"


def general_names() -> frozenset[str]:
    """General names of the kinds of things that are reviewed: 아파트, 호텔."""
    return read_sections(LIST)["general names"]


def short_nouns() -> frozenset[str]:
    """Nouns of one syllable that may be topics."""
    return read_sections(LIST)["one syllable: these may be topics"]


def slang_verdicts() -> frozenset[str]:
    """Nouns that are verdicts in some collections: 쓰레기 about a film, but not about a flat."""
    return read_sections(LIST)["slang: topics unless they are verdicts"]


@functools.cache
def stop_nouns() -> frozenset[str]:
    """The nouns of all sections that cannot be topics."""
    return frozenset().union(*read_sections(LIST).values()) - short_nouns() - slang_verdicts()
