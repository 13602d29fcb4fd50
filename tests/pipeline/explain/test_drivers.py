"""Drivers, alignment, errors, doubtful labels and neighbours."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.explain.alignment import align, segments
from pipeline.explain.drivers import Explained, drivers
from pipeline.explain.hard_examples import MAX_ERRORS, doubtful_labels, worst_errors
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.tokenizer.pos import Kind

CONTENT, STEM, GRAMMAR = Kind.CONTENT, Kind.STEM, Kind.GRAMMAR
EFFECTS = {
    **{"주차": -1.0, "편해요": 1.5, "안": -0.2, "좋아요": 1.0, "가": 0.02, "도": 0.05},
    **{"재밌": 1.2, "네요": 0.5, "10": 0.5, "점": 0.6},
}
KINDS = {"재밌": STEM, "가": GRAMMAR, "도": GRAMMAR, "네요": GRAMMAR}


def explained(tokens: Sequence[str], random: np.random.Generator) -> Explained:
    text = " ".join(tokens)
    parts = [EFFECTS.get(token, 0.0) for token in tokens]
    for place in range(1, len(tokens)):
        if tokens[place - 1 : place + 1] == ["안", "좋아요"]:
            parts[place] = -1.0
    noise = random.normal(0, 0.1, len(parts))
    kinds = [KINDS.get(token, Kind.CONTENT) for token in tokens]
    return Explained(text, tokens, align(text, tokens), kinds, np.array(parts) + noise)


@pytest.fixture
def texts() -> list[Explained]:
    random = np.random.default_rng(1)
    sentences = [
        ["주차", "가", "별"], ["편해요"], ["안", "좋아요"], ["정말", "좋아요"], ["그", "도", "가"],
        ["!!", "편해요"],
    ]  # fmt: skip
    return [explained(sentences[number % 6], random) for number in range(300)]


def test_grammar_and_numbers_are_excluded_and_stems_are_completed() -> None:
    random = np.random.default_rng(1)
    sentences = [["재밌", "네요"], ["영화", "네요"], ["10", "점"], ["책", "10"]]
    found = drivers([explained(sentences[number % 4], random) for number in range(400)])
    assert [one["phrase"] for one in found["up"]] == ["재밌다", "점"]
    assert found["down"] == []


def test_drivers_are_ranked_and_weak_ones_excluded(texts: list[Explained]) -> None:
    found = drivers(texts)
    up, down = ([one["phrase"] for one in found[way]] for way in ("up", "down"))
    assert up[:1] == ["편해요"]
    assert set(down) == {"안 좋아요", "주차"}
    assert not {"가", "도", "!!", "!! 편해요"} & {*up, *down}
    best = found["up"][0]
    assert best["documents"] == 100
    assert best["share"] == pytest.approx(1 / 3)
    assert best["interval"][0] < best["effect"] < best["interval"][1]
    assert best["effect"] == pytest.approx(1.5, abs=0.05)
    assert best["examples"][0] in {"편해요", "!! 편해요"}
    json.dumps(found)


def test_effects_that_may_be_chance_are_excluded() -> None:
    random = np.random.default_rng(1)
    noise = [
        Explained(
            "가 나", ["가", f"나{n % 20}"], [(0, 1), (2, 3)], [CONTENT] * 2, random.normal(0, 2, 2)
        )
        for n in range(400)
    ]
    assert drivers(noise) == {"up": [], "down": []}
    assert drivers([]) == {"up": [], "down": []}


def test_tokens_are_found_in_their_text() -> None:
    text = "영화가 재밌어요 ㅋㅋ!"
    assert align(text, ["영화", "가", "재밌어요", "ㅋㅋ", "!"]) == [
        (0, 2), (2, 3), (4, 8), (9, 11), (11, 12),
    ]  # fmt: skip
    assert align(text, ["영화/Noun", "가/Josa", "재밌다", "ㅋㅋ", "!"])[2:] == [
        (0, 8), (9, 11), (11, 12),
    ]  # fmt: skip
    assert align("ABC", ["abc"]) == [(0, 3)]
    assert align("", []) == []


def test_segments_concatenate_to_the_text() -> None:
    text = "영화가 재밌어요 ㅋㅋ!"
    for tokens in (["영화", "가", "재밌다", "ㅋㅋ", "!"], ["x", "재밌어요"], []):
        pieces = segments(text, align(text, tokens), [1.0] * len(tokens))
        assert "".join(piece for piece, _ in pieces) == text
    stemmed = segments(text, align(text, ["영화", "재밌다"]), [0.5, 1.0])
    assert stemmed == [("영화", 0.5), ("가 재밌어요 ㅋㅋ!", 1.0)]


def test_the_worst_errors_come_first() -> None:
    labels = np.array([1, 1, 0, 1], np.float32)
    none = np.zeros(4, bool)
    assert worst_errors(labels, np.array([0.9, 0.4, 0.8, 0.1]), BINARY, none).tolist() == [3, 2, 1]
    assert worst_errors(labels, labels.astype(float), BINARY, none).tolist() == []


def test_errors_with_a_doubtful_label_are_kept_too() -> None:
    count = 3 * MAX_ERRORS
    labels, predicted = np.ones(count, np.float32), np.linspace(0.1, 0.4, count)
    found = worst_errors(labels, predicted, BINARY, np.arange(count) >= count - 2).tolist()
    assert found == [*range(MAX_ERRORS), count - 2, count - 1]
    found = worst_errors(labels, predicted, BINARY, np.arange(count) >= MAX_ERRORS).tolist()
    assert found == [*range(2 * MAX_ERRORS)], "at most as many again"


def test_a_label_is_doubtful_if_both_models_confidently_contradict_it() -> None:
    labels = np.array([1, 1, 1, 0, 0, 0], np.float32)
    network = np.array([0.9, 0.8, 0.1, 0.1, 0.2, 0.6])
    baseline = np.array([0.9, 0.8, 0.05, 0.1, 0.2, 0.95])
    both = {"network": network, "baseline": baseline}
    assert doubtful_labels(labels, both, dict.fromkeys(both, BINARY)).tolist() == [
        *(False, False, True, False, False, False)
    ]
    score = Score(lowest=1, highest=5)
    assert not doubtful_labels(labels, both, dict.fromkeys(both, score)).any()


def test_a_label_that_a_model_predicts_is_not_doubtful() -> None:
    """A model may be confident of a class that its threshold does not choose."""
    labels = np.array([1, 1, 1, 0, 0, 0], np.float32)
    model = np.array([0.9, 0.5, 0.5, 0.45, 0.6, 0.5])  # negative from a mean of 0.48
    both = {"network": model, "baseline": model}
    lenient, strict = Binary(threshold=0.45), Binary(threshold=0.55)
    assert doubtful_labels(labels, both, dict.fromkeys(both, strict))[[1, 2]].all()
    assert not doubtful_labels(labels, both, {"network": lenient, "baseline": strict})[[1, 2]].any()


def test_neighbours_are_near_in_the_embedding(tmp_path: Path) -> None:
    from pipeline.explain.neighbours import neighbours
    from pipeline.model.network import EMBEDDING, build
    from pipeline.prepare.vocabulary import Vocabulary
    from tests.pipeline.model.test_network import settings

    vocabulary = Vocabulary({"좋다": 9, "최고": 8, "나쁘다": 7, "!": 6}, 3)
    model = build(settings("functional"), vocabulary_size=len(vocabulary), prior=[0.0], seed=1)
    vectors = np.zeros((6, 8))
    vectors[2:] = np.eye(4, 8)
    vectors[3] = vectors[2] + 0.1 * vectors[3]
    model.get_layer(EMBEDDING).set_weights([vectors])
    found = neighbours(model, vocabulary, ["좋다", "없는말"])
    assert list(found) == ["좋다"]
    assert found["좋다"][0][0] == "최고"
    assert found["좋다"][0][1] > 0.99
    assert "!" not in [word for word, cosine in found["좋다"] if cosine >= 0]
