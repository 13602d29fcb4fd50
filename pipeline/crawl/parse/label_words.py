"""Words that label columns use for sentiments, as in ratings and surveys, Korean and English."""

from __future__ import annotations

from itertools import product

from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE

_KOREAN = {
    NEGATIVE: (
        *("부정", "부정적", "부정적인", "악평", "불호", "미흡", "미흡함", "실망", "실망스러움"),
        *("불만", "불만족", "불만족함", "불만족해요", "불만족합니다", "불만족스럽다"),
        *("불만족스러움", "불만족스러워요", "불만스러움"),
        *("비추천", "비추천함", "비추", "추천안함", "추천 안함", "추천 안 함", "추천 안해요"),
        *("싫어요", "싫음", "싫다", "나쁨", "나빠요", "나쁘다", "나쁩니다"),
        *("별로", "별로예요", "별로에요", "별로임", "별로다", "별로입니다"),
        *("최악", "최악이에요", "최악임", "최악이다", "최악입니다"),
    ),
    NEUTRAL: (
        *("중립", "중립적", "중립적인", "그저 그래요", "그저 그럼", "그저 그렇다", "그저그럼"),
        *("보통", "보통이에요", "보통이다", "보통임", "보통입니다"),
    ),
    POSITIVE: (
        *("긍정", "긍정적", "긍정적인", "호평", "호", "우수", "우수함", "훌륭", "훌륭함"),
        *("만족", "만족함", "만족해요", "만족합니다", "만족스럽다", "만족스러움", "만족스러워요"),
        *("추천", "추천함", "추천해요", "추천합니다"),
        *("좋아요", "좋음", "좋다", "좋습니다"),
        *("최고", "최고예요", "최고에요", "최고임", "최고다", "최고입니다"),
    ),
}
_NEGATED = (
    *("만족하지 않음", "만족하지 않아요", "만족하지 않습니다", "만족하지 못함"),
    *("추천하지 않음", "추천하지 않아요", "추천하지 않습니다"),
    *("좋지 않음", "좋지 않아요", "좋지 않다", "좋지 않습니다"),
)
_ENGLISH = {
    NEGATIVE: (
        *("negative", "neg", "bad", "poor", "terrible", "dislike", "dissatisfied", "unsatisfied"),
        *("not satisfied", "unhappy", "not recommended"),
    ),
    NEUTRAL: ("neutral", "neu", "average", "mixed"),
    POSITIVE: (
        *("positive", "pos", "good", "great", "excellent", "like", "satisfied", "happy"),
        "recommended",
    ),
}
_DEGREES = (
    *("매우", "아주", "정말", "진짜", "너무", "무척", "꽤", "완전", "완전히", "상당히", "대단히"),
    *("대체로", "비교적", "전반적으로", "약간", "조금", "다소"),
)
_DEGREES_OF_NEGATED = ("전혀", "별로", "그다지")
_ENGLISH_DEGREES = (
    *("very", "extremely", "highly", "completely", "strongly", "overwhelmingly", "mostly"),
    *("quite", "fairly", "rather", "somewhat", "slightly"),
)


def _with_degrees(words: tuple[str, ...], degrees: tuple[str, ...], *joints: str) -> set[str]:
    """Words alone and after each degree: 만족, 매우 만족, 매우만족."""
    combined = product(degrees, joints, words)
    return {*words, *(f"{degree}{joint}{word}" for degree, joint, word in combined)}


WORDS: dict[str, int] = {
    **{
        word: sentiment
        for sentiment, words in _KOREAN.items()
        for word in _with_degrees(words, _DEGREES, " ", "")
    },
    **dict.fromkeys(_with_degrees(_NEGATED, (*_DEGREES, *_DEGREES_OF_NEGATED), " ", ""), NEGATIVE),
    **{
        word: sentiment
        for sentiment, words in _ENGLISH.items()
        for word in _with_degrees(words, _ENGLISH_DEGREES, " ")
    },
    **{"false": NEGATIVE, "true": POSITIVE, "neither satisfied nor dissatisfied": NEUTRAL},
}
"""Sentiment by word, in the form of :func:`~pipeline.crawl.parse.label_schemes.value_key`."""
