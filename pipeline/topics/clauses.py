"""Splits a text into clauses, so that each mention is judged by the clause around it.

A rule-based splitter: it uses punctuation, connective endings and sentence endings at the ends of
words, but does not parse the syntax.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MIN_WORDS = 2
"""Minimum number of words of a clause; shorter clauses are joined with the next one."""
MIN_REASON_WORDS = 3
"""Minimum number of words before and after the end of a clause that gives a reason (넓어서,
넓으니까); a shorter rest states the consequence and stays in the same clause."""


class Span(NamedTuple):
    """A piece of a text, in characters."""

    begin: int
    end: int


_WORD = re.compile(r"(?:[^\s.!?…~]|\.(?=\d))+[.!?…~]*[\"')\]]*|[.!?…~]+")
_STOP = re.compile(r"[.!?…~;:/|]+[\"')\]]*$|[ㅋㅎㅠㅜ]{2,}[.!?~]*$|[^\w\s,.'\"()%+\-&#@*]+$")
_COMMA = re.compile(r"[,،、]$")
_SYMBOLS = re.compile(r"[^가-힣A-Za-z0-9]+$")

_CONTRAST = re.compile(
    r"(?:지만|지마는|[은는인한운던큰른린쁜싼진긴단]데|[으하]나|[은는인한]데[도요]?|더니|반면에?|건만)$"
)
_NO_CONTRAST = re.compile(r"^(?:그런데|근데|하나|한데|.*가운데)$")
_AND = re.compile(r"(?:[가-힣]고|[가-힣]며|면서|구요|고요)$")
_NO_AND = re.compile(
    r"(?:최고|광고|창고|사고|중고|신고|재고|경고|냉장고|금고|차고|참고|보고|[다라자냐]고|그리고|로고|원고"
    r"|충고|해고|수고|타고|들고|데리고|가지고|갖고|두고|놓고|받고)$"
)
_AUXILIARY = re.compile(r"(?:싶|있|없|계[시신셨십]|나[서면니]|말[았고])")
_REASON = re.compile(r"(?:[아어여해워와라려져돼춰서]서|니까|니깐|[으하]니|기에|길래|느라)$")
_NO_REASON = re.compile(r"(?:에서|로서|순서|계단서|문서|그래서|따라서|어서|해서는)$")
_END = re.compile(
    r"(?:니다|[았었했였겠있없같좋많싫렵쁘크작난한된든란]다|[어아여해네데세에예게워와려져줘봐돼]요|지요|죠|까요|군요|네용?"
    r"|[어아해네]여|[었았했였있없좋많적같겠났됐렸졌]음|[못안잘]함|[듯거것편]임|별로임|최[고악]임|습니당|어용|아용|해용)$"
)
_POLITE = re.compile(r"[^필중주수동소개]요$")
"""An ending in 요, but not a noun such as 필요; the syllable before 요 has no final consonant."""
_COPULA_NOUN = re.compile(r"(?:동네|아네|우리네)$")


def split_clauses(text: str) -> list[Span]:
    """Split a text into clauses.

    Returns:
        The clauses in order, each without surrounding spaces; none for a blank text. They cover
        all words of the text.
    """
    words = [Span(*match.span()) for match in _WORD.finditer(text)]
    clauses, begin = [], 0
    for index, word in enumerate(words[:-1]):
        length = index + 1 - begin
        if _ends_clause(
            text[word.begin : word.end],
            text[words[index + 1].begin : words[index + 1].end],
            length,
            len(words) - index - 1,
        ):
            clauses.append(Span(words[begin].begin, word.end))
            begin = index + 1
    if words:
        clauses.append(Span(words[begin].begin, words[-1].end))
    return _without_fragment(text, clauses)


def _ends_clause(word: str, following: str, length: int, rest: int) -> bool:
    """Whether a clause of ``length`` words ends with this one; ``rest`` words follow it."""
    if not _SYMBOLS.sub("", following):
        return False
    if _STOP.search(word):
        return length >= MIN_WORDS or _is_predicate(_SYMBOLS.sub("", word))
    bare = _SYMBOLS.sub("", word)
    if length < MIN_WORDS and not _COMMA.search(word):
        return False
    if _is_end(bare):
        return length >= MIN_WORDS
    if _CONTRAST.search(bare) and not _NO_CONTRAST.search(bare):
        return length >= MIN_WORDS
    if _AND.search(bare) and not _NO_AND.search(bare):
        return length >= MIN_WORDS and not _AUXILIARY.match(following)
    if _REASON.search(bare) and not _NO_REASON.search(bare):
        return length >= MIN_REASON_WORDS and rest >= MIN_REASON_WORDS
    return bool(_COMMA.search(word)) and length > MIN_WORDS


def _is_predicate(word: str) -> bool:
    return _is_end(word) or bool(_CONTRAST.search(word))


def _is_end(word: str) -> bool:
    if _END.search(word):
        return not _COPULA_NOUN.search(word)
    return bool(_POLITE.search(word)) and (ord(word[-2]) - 0xAC00) % 28 == 0


def _without_fragment(text: str, clauses: list[Span]) -> list[Span]:
    """Join the last clause to the previous one if it is a single word and not a predicate."""
    if len(clauses) > 1:
        last = text[clauses[-1].begin : clauses[-1].end]
        if " " not in last and not _is_predicate(_SYMBOLS.sub("", last)):
            return [*clauses[:-2], Span(clauses[-2].begin, clauses[-1].end)]
    return clauses
