"""Drivers: words and short phrases that make reviews positive or negative, over many texts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import numpy as np

from pipeline.arrays import Floats
from pipeline.explain.records import DriverRecord, Drivers
from pipeline.tokenizer.base import is_word
from pipeline.tokenizer.pos import Kind

LONGEST_PHRASE = 3
"""Maximum number of tokens of a phrase."""
MIN_DOCUMENTS = 8
MIN_SHARE = 0.001
"""A phrase must occur in at least ``MIN_DOCUMENTS`` texts and in this share of all texts."""
MIN_EFFECT = 0.25
"""Minimum absolute mean effect on the logit; 6 percentage points at a probability of 0.5."""
MIN_SURPLUS = 0.15
"""Minimum excess of a phrase's absolute effect over that of its parts."""
MAX_DRIVERS = 15
"""Number of drivers in each direction."""
EXAMPLES_PER_DRIVER = 3
MIN_EXAMPLE_LENGTH = 15
"""In characters; shorter texts are used as examples only if there are too few longer ones."""
SAME_DOCUMENTS = 0.6
"""An overlapping phrase is redundant if it shares this part of its texts with a stronger one."""

Phrase = tuple[str, ...]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Explained:
    """A text with its tokens and the span, kind and logit contribution of each token."""

    text: str
    tokens: Sequence[str]
    spans: Spans
    kinds: Sequence[Kind]
    parts: Floats


@dataclass
class Driver:
    """A token or phrase and its effect on the logit.

    Attributes:
        phrase: Most frequent spelling; a final stem gets 다, its dictionary form.
        documents: Number of texts with the phrase.
        share: Share of texts with the phrase.
        effect: Mean contribution to the logit of a text.
        interval: 95 % confidence interval of ``effect``, Bonferroni-corrected.
        examples: Example texts, the strongest contribution first.
        tokens: Tokens of the phrase.
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
        """Total effect on all texts, at the interval's bound closer to 0 (0 if it contains 0)."""
        low, high = self.interval
        return self.documents * (max(low, 0.0) + min(high, 0.0))


@dataclass
class _Occurrences:
    """Occurrences of a phrase.

    Attributes:
        rows: Index of each text with the phrase.
        effects: Contribution of the phrase in each of these texts.
        written: Number of occurrences of each spelling.
        meaningful: Number of occurrences that start with a content word and contain a content
            word that is not a number.
        stems: Number of occurrences that end with a stem.
    """

    rows: list[int] = field(default_factory=list)
    effects: list[float] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    meaningful: int = 0
    stems: int = 0

    def mostly(self, count: int) -> bool:
        """Whether ``count`` is more than half of all occurrences."""
        return 2 * count > sum(self.written.values())


def drivers(texts: Sequence[Explained]) -> Drivers:
    """Rank tokens and phrases of 2 or 3 tokens by their total effect on the logit.

    The total effect is the mean contribution per text, at the bound of its confidence interval
    closer to 0, times the number of texts. The interval is Student's t with Bonferroni
    correction, since among thousands of phrases some look strong by chance. Excluded are phrases
    without a content word, such as particles, endings and numbers; phrases that add nothing to
    the effect of their parts; and phrases that overlap a stronger one in mostly the same texts.

    Returns:
        ``up`` and ``down``, each with at most ``MAX_DRIVERS`` drivers, strongest first.
    """
    found = _collect(texts)
    least = max(MIN_DOCUMENTS, math.ceil(MIN_SHARE * len(texts)))
    found = {phrase: one for phrase, one in found.items() if len(one.rows) >= least}
    means = {phrase: float(np.mean(one.effects)) for phrase, one in found.items()}
    candidates = [
        _driver(phrase, one, texts, len(found))
        for phrase, one in found.items()
        if abs(means[phrase]) >= MIN_EFFECT
        and one.mostly(one.meaningful)
        and _exceeds_parts(phrase, means)
    ]
    documents = {driver.tokens: set(found[driver.tokens].rows) for driver in candidates}

    def strongest(sign: int) -> list[DriverRecord]:
        own = [driver for driver in candidates if driver.weight * sign > 0]
        own.sort(key=lambda driver: (-abs(driver.weight), driver.phrase))
        return [
            cast(DriverRecord, asdict(driver) | {"weight": driver.weight})
            for driver in _distinct(own, documents)
        ]

    return {"up": strongest(1), "down": strongest(-1)}


def _collect(texts: Sequence[Explained]) -> dict[Phrase, _Occurrences]:
    found: dict[Phrase, _Occurrences] = defaultdict(_Occurrences)
    for row, text in enumerate(texts):
        effects: dict[Phrase, float] = defaultdict(float)
        parts, spans = text.parts.tolist(), text.spans
        is_content = [kind is not Kind.GRAMMAR for kind in text.kinds]
        is_named = [
            content and _has_letter(token)
            for content, token in zip(is_content, text.tokens, strict=True)
        ]
        for phrase, begin, end in _phrases(text.tokens):
            effects[phrase] += sum(parts[begin:end])
            one = found[phrase]
            one.written[text.text[spans[begin][0] : spans[end - 1][1]]] += 1
            one.meaningful += is_content[begin] and any(is_named[begin:end])
            one.stems += text.kinds[end - 1] is Kind.STEM
        for phrase, effect in effects.items():
            found[phrase].rows.append(row)
            found[phrase].effects.append(effect)
    return found


def _phrases(tokens: Sequence[str]) -> Iterator[tuple[Phrase, int, int]]:
    """Yield each run of 1 to ``LONGEST_PHRASE`` words, with its start and end."""
    words = list(map(is_word, tokens))
    for size in range(1, LONGEST_PHRASE + 1):
        for begin in range(len(tokens) - size + 1):
            if all(words[begin : begin + size]):
                yield tuple(tokens[begin : begin + size]), begin, begin + size


def _has_letter(token: str) -> bool:
    return any(map(str.isalpha, token.rpartition("/")[0] or token))


def _exceeds_parts(phrase: Phrase, means: dict[Phrase, float]) -> bool:
    """Whether a phrase has more effect than each split of it into two parts."""
    if len(phrase) == 1:
        return True
    parts = [
        means.get(phrase[:cut], 0.0) + means.get(phrase[cut:], 0.0) for cut in range(1, len(phrase))
    ]
    return all(abs(means[phrase]) - abs(part) >= MIN_SURPLUS for part in parts)


def _driver(phrase: Phrase, one: _Occurrences, texts: Sequence[Explained], tested: int) -> Driver:
    from scipy import stats

    effects, count = np.array(one.effects), len(one.effects)
    mean = float(effects.mean())
    half = float(stats.t.ppf(1 - 0.025 / tested, count - 1) * effects.std(ddof=1) / count**0.5)
    strongest = [one.rows[index] for index in np.argsort(-np.sign(mean) * effects, kind="stable")]
    longer = [texts[row].text for row in strongest if len(texts[row].text) >= MIN_EXAMPLE_LENGTH]
    short = [texts[row].text for row in strongest if len(texts[row].text) < MIN_EXAMPLE_LENGTH]
    written = max(one.written, key=lambda written: (one.written[written], written))
    return Driver(
        phrase=f"{written}다" if one.mostly(one.stems) else written,
        documents=count,
        share=count / len(texts),
        effect=mean,
        interval=[mean - half, mean + half],
        examples=list(dict.fromkeys(longer + short))[:EXAMPLES_PER_DRIVER],
        tokens=phrase,
    )


def _distinct(ranked: Sequence[Driver], documents: dict[Phrase, set[int]]) -> list[Driver]:
    """The first ``MAX_DRIVERS`` drivers that are not redundant; see ``SAME_DOCUMENTS``."""
    kept: list[Driver] = []
    for driver in ranked:
        own = documents[driver.tokens]
        if not any(
            _overlap(driver.tokens, other.tokens)
            and len(own & documents[other.tokens]) >= SAME_DOCUMENTS * len(own)
            for other in kept
        ):
            kept.append(driver)
        if len(kept) == MAX_DRIVERS:
            break
    return kept


def _overlap(first: Phrase, second: Phrase) -> bool:
    return bool(set(first) & set(second))
