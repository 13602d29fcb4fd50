"""The explanation of a single text."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.explain.single import MAX_TOKENS, explain_text
from pipeline.predict.predictor import Predictor
from pipeline.predict.starter import StarterPredictor
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY

TEXT = "정말 좋아요  <b>그런데</b> 시끄럽고 싫어요"
CLEANED = "정말 좋아요 그런데 시끄럽고 싫어요"


@pytest.fixture(scope="module")
def predictor(small_model: Manifest) -> Predictor:
    return Predictor(small_model)


def test_pieces_are_the_tokens_and_speak_for_their_class(predictor: Predictor) -> None:
    pieces = explain_text(predictor, TEXT)
    assert "".join(text for text, _ in pieces) == CLEANED
    parts = dict(pieces)
    assert parts["좋아요"] > 0 > parts["싫어요"]
    assert parts[" "] == 0


def test_a_contribution_is_the_fall_of_the_log_odds_without_the_token(predictor: Predictor) -> None:
    (tokens,) = predictor.tokenize(CLEANED)
    assert tokens[1] == "좋아요"
    without = predictor.predict_tokens(
        [CLEANED, CLEANED.replace("좋아요", "")], [[tokens, [tokens[0], *tokens[2:]]]]
    )
    whole, rest = BINARY.link.logits(without)
    assert dict(explain_text(predictor, TEXT))["좋아요"] == pytest.approx(whole - rest, abs=1e-4)


def test_an_ensemble_of_taggers_is_explained_by_the_tokens_of_the_first(
    predictor: Predictor, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path)
    folder, files = workspace.folder("model", "two"), []
    for name, tagger in (("a", "okt"), ("b", "mecab")):
        shutil.copytree(predictor.folder, folder / name)
        settings = json.loads((folder / name / names.TEXT).read_bytes())
        settings["tokenizer"]["name"] = tagger
        (folder / name / names.TEXT).write_text(json.dumps(settings))
        files += [f"{name}/{one.name}" for one in (folder / name).iterdir()]
    both = Predictor(workspace.finish("model", "two", files, 1, {}))
    first, second = both.tokenize(CLEANED)
    assert first != second
    pieces = explain_text(both, TEXT)
    assert [text for text, _ in pieces] == [text for text, _ in explain_text(predictor, TEXT)]
    assert dict(pieces)["좋아요"] > 0 > dict(pieces)["싫어요"]


def test_the_starter_is_explained_by_words() -> None:
    predictor = StarterPredictor()
    pieces = explain_text(predictor, TEXT)
    assert "".join(text for text, _ in pieces) == CLEANED
    assert [text for text, _ in pieces if not text.isspace()] == CLEANED.split()
    sums = sum(part for _, part in pieces)
    (probability,) = predictor.predict([TEXT])
    (nothing,) = predictor.predict([""])
    assert sums == pytest.approx(
        float(BINARY.link.logits(probability) - BINARY.link.logits(nothing))
    )


@pytest.mark.parametrize(
    "text", ["ㅋㅋㅋ", "😢", "좋아요" * 100, "좋아요 " * MAX_TOKENS * 2, "a\tb"]
)
def test_unusual_texts(text: str, predictor: Predictor) -> None:
    for one in (predictor, StarterPredictor()):
        pieces = explain_text(one, text)
        assert "".join(part for part, _ in pieces)
        assert all(abs(part) < 100 for _, part in pieces)
