"""Any text gets a defined answer, by a trained model as by the starter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.predict.predictor import Predictor
from pipeline.predict.starter import StarterPredictor
from pipeline.predict.text_predictor import TextPredictor
from pipeline.storage.manifest import Manifest
from tests.pipeline.small_model import BAD, GOOD

EXAMPLES, TEXTS = 100, 100
"""Lists of texts, and texts in each."""
WORDS = st.sampled_from(
    [*" ".join([*GOOD, *BAD]).split(), "ㅋㅋㅋㅋ", "👍🏽", "e\u0301", "https://x.kr/?a=b"]
)
AWKWARD = "가힣ㄱㅎ\u1100\u1161\ud800\x00\x1b[\u202e\u200b\ufeff\t\n ="
TIMES = st.integers(0, 99).map(lambda drawn: round(3_000 ** (drawn / 99) ** 3))
"""1 to 3,000, half of them 1 or 2: long texts take most of the time."""
PIECES = st.one_of(
    WORDS,
    st.text(st.characters(), max_size=20),
    st.text(st.sampled_from(AWKWARD), max_size=20),
    st.tuples(WORDS, TIMES).map(lambda pair: pair[0] * pair[1]),
)
SOME_TEXTS = st.lists(st.lists(PIECES, max_size=4).map(" ".join), min_size=TEXTS, max_size=TEXTS)


@pytest.mark.long
def test_ten_thousand_texts(small_model: Manifest) -> None:
    predictors: list[TextPredictor] = [Predictor(small_model), StarterPredictor()]
    seen: Counter[object] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(SOME_TEXTS)
    def answer(texts: list[str]) -> None:
        for predictor in predictors:
            answers = predictor.answers(texts)
            seen.update(found["label"] for found in answers)
            for text, found in zip(texts, answers, strict=True):
                if predictor.is_blank(text):
                    assert set(found.values()) == {None}
                else:
                    assert 0 <= found["probability"] <= 1
                    assert found["label"] in ("negative", "positive")
            alone = predictor.answers(texts[:1])[0]["probability"]
            assert alone is None or np.isclose(alone, answers[0]["probability"], atol=1e-3)

    answer()
    assert sum(seen.values()) >= len(predictors) * EXAMPLES * TEXTS
    assert min(seen[label] for label in ("negative", "positive", None)) > TEXTS
