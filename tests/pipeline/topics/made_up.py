"""Made-up collections of reviews, and what answers for them in tests."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.arrays import Floats
from pipeline.settings import TokenizerSettings
from pipeline.settings.tag_sets import TaggerName
from pipeline.stages.topics import word_tagger
from pipeline.topics.documents import Documents
from pipeline.topics.extraction import Tag

GOOD = ("좋아요", "만족해요", "괜찮았어요")
BAD = ("심해요", "불편해요", "별로예요")
TOPICS = ("층간소음", "주차 자리", "관리비", "체크인", "유심 배송", "엘리베이터")
PARTICLES = ("{}이", "{}은", "{}도", "{} 정말", "{}에")


def tagger(name: TaggerName = "okt", memo: Path | None = None) -> Tag:
    """A real tagger."""
    return word_tagger(TokenizerSettings(name=name), memo, 1)


def answers(texts: Sequence[str]) -> Floats:
    """High for texts with more good words than bad ones, as a model would answer."""
    scores = [sum(map(text.count, GOOD)) - sum(map(text.count, BAD)) for text in texts]
    return np.asarray(1 / (1 + np.exp(-3.0 * np.array(scores, float))))


def documents(
    texts: Sequence[str],
    *,
    review_ids: Sequence[str] | None = None,
    aspects: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    dates: Sequence[str] | None = None,
    ratings: Sequence[float] | None = None,
) -> Documents:
    """Texts as documents; what is not given is empty."""
    blank = [""] * len(texts)
    rated = np.full(len(texts), np.nan) if ratings is None else np.array(ratings, float)
    positive = np.where([bool(text) for text in texts], answers(texts), np.nan)
    return Documents(
        texts=texts,
        sources=["made up"] * len(texts),
        review_ids=review_ids or [str(number) for number in range(len(texts))],
        aspects=aspects or blank,
        groups=groups or blank,
        group_names=[f"{group} 이름" if group else "" for group in groups or blank],
        dates=dates or blank,
        ratings=rated,
        opinions=(rated - 3) / 2,
        positive=positive,
    )


def _with_particle(topic: str, template: str) -> str:
    has_final = (ord(topic[-1]) - 0xAC00) % 28 > 0
    if template in ("{}이", "{}은") and not has_final:
        template = {"{}이": "{}가", "{}은": "{}는"}[template]
    return template.format(topic)


def apartment_texts() -> list[str]:
    """Reviews of each topic with each particle and each judgement, and of both spacings."""
    names = (*TOPICS, "주차자리", "유심배송")
    return [
        f"{_with_particle(topic, particle)} {judgement} 아파트 최고"
        for topic, particle, judgement in itertools.product(names, PARTICLES, GOOD + BAD)
    ]
