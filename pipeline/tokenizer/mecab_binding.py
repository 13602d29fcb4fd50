"""MeCab as one function, from whichever of its two Python packages is installed.

python-mecab-ko has no wheel for Python 3.13; mecab-ko has one, but comes with an older dictionary,
which tokenizes every fourth review differently. Here both use the dictionary of python-mecab-ko-dic
and give the same tokens.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from importlib.metadata import distribution

Parse = Callable[[str], str]
"""Function from a text to MeCab's output: lines of token, tab and features, then ``EOS``."""


@functools.cache
def load_mecab() -> Parse:
    """The parse function of this process; several threads may call it.

    Raises:
        ImportError: Neither package is installed, or the dictionary is missing.
    """
    try:
        return _python_mecab_ko()
    except ImportError:
        return _mecab_ko()


def _python_mecab_ko() -> Parse:
    from mecab import MeCab
    from mecab.utils import create_lattice

    tagger = MeCab()._tagger

    def parse(text: str) -> str:
        lattice = create_lattice(text)
        tagger.parse(lattice)
        return str(lattice.to_string())

    return parse


def _mecab_ko() -> Parse:
    from mecab_ko._MeCab import MECAB_ALLOCATE_SENTENCE, Lattice, Tagger

    # Two packages have a module mecab_ko_dic, so the dictionary is found by the package's files.
    dictionary = distribution("python-mecab-ko-dic").locate_file("mecab_ko_dic/dictionary")
    options = ("", "-C", "-r", os.devnull, "-d", str(dictionary))
    tagger = Tagger([option.encode() for option in options])

    def parse(text: str) -> str:
        lattice = Lattice()
        lattice.add_request_type(MECAB_ALLOCATE_SENTENCE)
        lattice.set_sentence(text)
        tagger.parse(lattice)
        return str(lattice.toString())

    return parse
