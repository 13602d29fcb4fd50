"""How the starter is built."""

from pathlib import Path

import numpy as np

from pipeline.stages.build_starter import build
from pipeline.starter.starter import FILE, Starter
from tests.pipeline.starter.test_starter import BAD, GOOD


def test_building_gives_what_is_saved(tmp_path: Path) -> None:
    texts = [f"{text} {number} 번째 후기입니다" for number in range(20) for text in (*GOOD, *BAD)]
    built = build(texts, np.array([1, 1, 1, 0, 0, 0] * 20), texts)
    assert (built.logits(GOOD) > 0).all()
    assert (built.logits(BAD) < 0).all()
    built.save(tmp_path / FILE)
    again = Starter.read((tmp_path / FILE).read_bytes())
    assert np.array_equal(again.logits(texts), built.logits(texts))
    assert again.has_learnt_from(
        [texts[0].replace(" ", "").upper(), "처음 보는 후기예요 정말로"]
    ).tolist() == [True, False]
