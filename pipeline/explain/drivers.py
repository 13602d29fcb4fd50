"""The words and short phrases that make reviews positive or negative, over many of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pipeline.arrays import Floats
from pipeline.tokenizer.base import is_word
from pipeline.tokenizer.pos import Kind

LONGEST_PHRASE = 3
FEWEST_DOCUMENTS = 8
LEAST_SHARE = 0.001
"""Of the documents, in which a phrase must occur to be looked at, if that is more."""
LEAST_EFFECT = 0.25
"""Of the logit, about 6 points of a probability that is one half; less is no driver."""
LEAST_SURPLUS = 0.15
"""What a phrase must add to what its tokens add elsewhere, to be a phrase."""
SHOWN = 15
EXAMPLES = 3
LEAST_EXAMPLE = 15
"""Characters of a text that says more than the phrase itself."""
SAME_DOCUMENTS = 0.6
"""Share of its documents by which a phrase that overlaps a shown one repeats it."""

Phrase = tuple[str, ...]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Explained:
    """A text with its tokens, where each stands, its kind, and what it adds to the logit."""

    text: str
    tokens: Sequence[str]
    spans: Spans
    kinds: Sequence[Kind]
    parts: Floats


@dataclass
class Driver:
    """A token or a phrase and what it does.

    Attributes:
        phrase: As it is most often written; a stem at its end with 다, as dictionaries have it.
        documents: How many texts have it.
        share: Of all texts.
        effect: Mean of what it adds to the logit of a text.
        interval: That mean's, at 95 %, corrected for the number of phrases looked at.
        examples: Some of them, those in which it adds most first.
        tokens: Of the phrase.
    """

    phrase: str
    documents: int
    share: float
    effect: float
    interval: list[float]
    examples: list[str] = field(repr=False)
    tokens: Phrase

    @property
    def weight(self) -> float:
        """How much it moves all texts together, at the cautious end of its interval."""
        low, high = self.interval
        return self.documents * (max(low, 0.0) + min(high, 0.0))


@dataclass
class _Found:
    """What is known of a phrase; ``telling`` and ``stems`` say how often it was so."""

    rows: list[int] = field(default_factory=list)
    effects: list[float] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    telling: int = 0
    stems: int = 0

    def mostly(self, count: int) -> bool:
        """Whether it was so more than half of the times that it occurs."""
        return 2 * count > sum(self.written.values())


def drivers(texts: Sequence[Explained]) -> dict[str, list[dict[str, Any]]]:
    """The tokens and phrases of 2 or 3 tokens that push the logit up and down.

    A phrase counts once in a text, with all it adds there. It is ranked by how much it moves all
    texts together: its mean effect, at the end of the interval that is nearer to 0, times the
    texts that have it. The interval is Student's, with Bonferroni's correction: among thousands
    of phrases some would look strong by chance. Particles, endings and numbers alone are left
    out: they stand for the words around them. Of a phrase that adds nothing to what its tokens
    do elsewhere the tokens alone are given, and of phrases that stand in the same texts the
    strongest.

    Returns:
        ``up`` and ``down``, each with at most ``SHOWN`` drivers as dictionaries, strongest first.
    """
    found = _collect(texts)
    least = max(FEWEST_DOCUMENTS, math.ceil(LEAST_SHARE * len(texts)))
    found = {phrase: one for phrase, one in found.items() if len(one.rows) >= least}
    means = {phrase: float(np.mean(one.effects)) for phrase, one in found.items()}
    candidates = [
        _driver(phrase, one, texts, len(found))
        for phrase, one in found.items()
        if abs(means[phrase]) >= LEAST_EFFECT
        and one.mostly(one.telling)
        and _is_more(phrase, means)
    ]
    documents = {driver.tokens: set(found[driver.tokens].rows) for driver in candidates}
    return {
        direction: [
            asdict(driver) | {"weight": driver.weight}
            for driver in _distinct(
                sorted(
                    (one for one in candidates if one.weight * sign > 0),
                    key=lambda one: (-abs(one.weight), one.phrase),
                ),
                documents,
            )
        ]
        for direction, sign in (("up", 1), ("down", -1))
    }


def _collect(texts: Sequence[Explained]) -> dict[Phrase, _Found]:
    found: dict[Phrase, _Found] = defaultdict(_Found)
    for row, text in enumerate(texts):
        effects: dict[Phrase, float] = defaultdict(float)
        for phrase, begin, end in _phrases(text.tokens):
            effects[phrase] += float(sum(text.parts[begin:end]))
            written = text.text[text.spans[begin][0] : text.spans[end - 1][1]]
            one = found[phrase]
            one.written[written] += 1
            one.telling += _is_telling(phrase, text.kinds[begin:end])
            one.stems += text.kinds[end - 1] is Kind.STEM
        for phrase, effect in effects.items():
            found[phrase].rows.append(row)
            found[phrase].effects.append(effect)
    return found


def _phrases(tokens: Sequence[str]) -> Iterator[tuple[Phrase, int, int]]:
    """Each run of tokens with a letter, and where it begins and ends."""
    for size in range(1, LONGEST_PHRASE + 1):
        for begin in range(len(tokens) - size + 1):
            phrase = tuple(tokens[begin : begin + size])
            if all(map(is_word, phrase)):
                yield phrase, begin, begin + size


def _is_telling(phrase: Phrase, kinds: Sequence[Kind]) -> bool:
    """Whether it begins with a word of content and is more than a number."""
    return kinds[0] is not Kind.GRAMMAR and any(
        kind is not Kind.GRAMMAR and any(map(str.isalpha, token.rpartition("/")[0] or token))
        for token, kind in zip(phrase, kinds, strict=True)
    )


def _is_more(phrase: Phrase, means: dict[Phrase, float]) -> bool:
    """Whether a phrase does more than its tokens do wherever they stand."""
    if len(phrase) == 1:
        return True
    parts = [
        means.get(phrase[:cut], 0.0) + means.get(phrase[cut:], 0.0) for cut in range(1, len(phrase))
    ]
    return all(abs(means[phrase]) - abs(part) >= LEAST_SURPLUS for part in parts)


def _driver(phrase: Phrase, one: _Found, texts: Sequence[Explained], tested: int) -> Driver:
    from scipy import stats

    effects, count = np.array(one.effects), len(one.effects)
    mean = float(effects.mean())
    half = float(stats.t.ppf(1 - 0.025 / tested, count - 1) * effects.std(ddof=1) / count**0.5)
    strongest = [one.rows[place] for place in np.argsort(-np.sign(mean) * effects, kind="stable")]
    longer = [texts[row].text for row in strongest if len(texts[row].text) >= LEAST_EXAMPLE]
    short = [texts[row].text for row in strongest if len(texts[row].text) < LEAST_EXAMPLE]
    written = max(one.written, key=lambda written: (one.written[written], written))
    return Driver(
        phrase=f"{written}다" if one.mostly(one.stems) else written,
        documents=count,
        share=count / len(texts),
        effect=mean,
        interval=[mean - half, mean + half],
        examples=list(dict.fromkeys(longer + short))[:EXAMPLES],
        tokens=phrase,
    )


def _distinct(ranked: Sequence[Driver], documents: dict[Phrase, set[int]]) -> list[Driver]:
    """The first ones, without those that say again what one before them says."""
    kept: list[Driver] = []
    for driver in ranked:
        own = documents[driver.tokens]
        if not any(
            _overlap(driver.tokens, other.tokens)
            and len(own & documents[other.tokens]) >= SAME_DOCUMENTS * len(own)
            for other in kept
        ):
            kept.append(driver)
        if len(kept) == SHOWN:
            break
    return kept


def _overlap(first: Phrase, second: Phrase) -> bool:
    return bool(set(first) & set(second))
