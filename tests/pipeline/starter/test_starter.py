"""The bundled starter and how it is built."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.bundled import bundled
from pipeline.starter.starter import FILE, Starter
from tests.processes import ROOT, run_code

GOOD = [
    "정말 재미있어요 추천합니다",
    "친절하고 깨끗해서 또 오고 싶어요",
    "배송도 빠르고 품질도 좋아요",
]
BAD = [
    "최악이에요 다시는 안 가요",
    "환불해 주세요 돈이 아까워요",
    "직원이 불친절하고 너무 지저분해요",
]


def test_it_knows_praise_from_complaint_in_any_industry() -> None:
    starter = Starter.load()
    assert (starter.logits(GOOD) > 0).all()
    assert (starter.logits(BAD) < 0).all()


def test_an_answer_does_not_depend_on_the_other_texts_or_on_spaces() -> None:
    starter = Starter.load()
    together = starter.logits([*GOOD, *BAD])
    assert np.allclose(together, [starter.logits([text])[0] for text in [*GOOD, *BAD]])
    assert np.allclose(starter.logits([text.replace(" ", "") for text in GOOD]), together[:3])
    assert starter.logits([]).shape == (0,)


@pytest.mark.parametrize("text", [*GOOD, *BAD, "ㅋㅋ", " 앞뒤 ", "가" * 3_000])
def test_contributions_add_up_to_the_logit(text: str) -> None:
    starter = Starter.load()
    parts = starter.contributions([text])
    assert parts.shape == (len(text),)
    assert starter.intercept + parts.sum() == pytest.approx(starter.logits([text])[0])
    assert not any(part for letter, part in zip(text, parts, strict=True) if letter == " ")


def test_contributions_do_not_depend_on_the_other_texts() -> None:
    starter = Starter.load()
    texts = [*GOOD, "".join(map(chr, range(0xAC00, 0xAC00 + 3_000))), "", *BAD] * 50
    alone = np.concatenate([starter.contributions([text]) for text in texts[:8]])
    assert np.allclose(starter.contributions(texts), np.tile(alone, 50), atol=1e-6)
    assert starter.contributions([]).shape == (0,)


def test_the_model_card_names_the_file() -> None:
    content = (bundled("starter") / FILE).read_bytes()
    card = (bundled("starter") / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in card
    assert f"{len(content) / 1e6:.1f} MB" in card
    assert len(content) < 10_000_000


def test_a_starter_of_earlier_models_has_no_network(tmp_path: Path) -> None:
    earlier = replace(Starter.load(), network=None)
    earlier.save(tmp_path / FILE)
    again = Starter.read((tmp_path / FILE).read_bytes())
    assert again.network is None
    bare = [one.replace(" ", "") for one in GOOD]
    assert np.array_equal(again.logits(GOOD), earlier.ngrams.logits(bare))
    parts = again.contributions(BAD[:1])
    assert again.intercept + parts.sum() == pytest.approx(again.logits(BAD[:1])[0])


def test_short_texts_are_never_taken_for_known_ones() -> None:
    assert not Starter.load().has_learnt_from(["굿", "최고예요", ""]).any()


def test_the_known_reviews_are_those_of_the_films(movies: Path) -> None:
    from pipeline.stages.build_starter import read_films

    texts, _ = read_films(movies, "ratings_train.txt")
    long = [text for text in texts if len(re.sub(r"[\W_]", "", text)) >= 10]
    assert Starter.load().has_learnt_from(long[:2_000]).all()


def test_it_answers_without_tensorflow_and_java() -> None:
    program = (
        "import sys; from pipeline.starter.starter import Starter;"
        "print(Starter.load().logits(['좋아요'])[0] > 0);"
        "print({'tensorflow', 'jpype', 'sklearn', 'scipy', 'prefect'} & sys.modules.keys())"
    )
    assert run_code(program, ROOT).stdout.split() == ["True", "set()"]
