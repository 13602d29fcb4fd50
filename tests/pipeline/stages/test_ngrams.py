"""The wide branch as a stage."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.model.ngrams import NgramRegression
from pipeline.settings import load_settings
from pipeline.stages import ngrams, regressions
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import Prepared, prepare
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from tests.flows.own import QUICK, rated, write_own

LABELLED_HOTEL = [
    json.dumps({"text": f"{text} {number}호", "label": label}, ensure_ascii=False)
    for number in range(12)
    for label, texts in {1: ("방이 좋았어요", "깨끗해요"), 0: ("방이 별로예요", "더러워요")}.items()
    for text in texts
]
UNLABELED_HOTEL = LABELLED_HOTEL + [
    json.dumps({"text": f"{text} {number}호", "label": None}, ensure_ascii=False)
    for number in range(60)
    for text in ("조식 최악이에요", "조식 실망 쓰레기", "방 최고예요", "방 너무 좋아요 추천")
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("wide")
    write_own(folder, rated())
    own = (*QUICK, f"source.path={folder / 'own.csv'}", "source.columns.text=review")
    settings = load_settings(environment={}, overrides=own)
    workspace = Workspace(folder / "workspace")
    workspace.check()
    runner = Runner(workspace)
    (first,) = prepare(runner, crawl(workspace, settings), settings)
    return first


def fit(prepared: Prepared, folder: Path, *, with_starter: bool = True) -> Output:
    return ngrams.fit_ngrams.make(folder, prepared.examples, prepared.tokens, None, with_starter)


def rows(prepared: Prepared, *splits: str) -> int:
    return sum(sum(prepared.examples.details["splits"][name].values()) for name in splits)


def test_few_examples_are_held_out_by_cross_validation(prepared: Prepared, tmp_path: Path) -> None:
    output = fit(prepared, tmp_path)
    assert output.details["starter"] == "joined"
    assert names.STARTER in output.files
    assert output.details["bayes"]
    assert NgramRegression.load(tmp_path).jamo is not None
    with np.load(tmp_path / names.WIDE_HELD_OUT) as found:
        expected = rows(prepared, "train", "validation")
        assert found["logits"].shape == found["labels"].shape == (expected,)
        assert np.mean((found["logits"] > 0) == found["labels"]) > 0.7


def test_many_examples_are_held_out_by_the_validation_split(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (ngrams, regressions):
        monkeypatch.setattr(module, "FEW", 10)
    fit(prepared, tmp_path)
    with np.load(tmp_path / names.WIDE_HELD_OUT) as found:
        assert found["labels"].shape == (rows(prepared, "validation"),)
    assert NgramRegression.load(tmp_path).jamo is None


def test_many_unlabelled_reviews_teach_the_words_of_the_industry(tmp_path: Path) -> None:
    """Most labelled reviews lack 조식; of the others, those with it are mostly complaints."""
    (tmp_path / "reviews.jsonl").write_text("\n".join(UNLABELED_HOTEL), encoding="utf-8")
    overrides = (*QUICK, f"source.path={tmp_path / 'reviews.jsonl'}")
    settings = load_settings(environment={}, overrides=overrides)
    workspace = Workspace(tmp_path / "workspace")
    workspace.check()
    runner = Runner(workspace)
    (first,) = prepare(runner, crawl(workspace, settings), settings)
    (tmp_path / "model").mkdir()
    fit(first, tmp_path / "model")
    regression = NgramRegression.load(tmp_path / "model")
    plain, breakfast = (
        regression.logits(regression.features([text], [text.split()]))[0]
        for text in ("방 3호", "조식 3호")
    )
    assert breakfast < plain - 0.2
    with np.load(tmp_path / "model" / names.WIDE_HELD_OUT) as found:
        assert found["labels"].shape == (rows(first, "train", "validation"),)


def test_the_starter_can_be_switched_off(prepared: Prepared, tmp_path: Path) -> None:
    output = fit(prepared, tmp_path, with_starter=False)
    assert output.details["starter"] == "unused"
    assert names.STARTER not in output.files


def test_the_starter_is_left_out_where_it_knows_the_reviews(
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="pipeline")
    monkeypatch.setattr(ngrams, "starter_share", lambda _: 0.4)
    output = fit(prepared, tmp_path)
    assert output.details["starter"] == "left out"
    assert names.STARTER not in output.files
    assert "it was trained on 40 % of the reviews" in caplog.text


def test_neutral_reviews_teach_only_where_complaints_are_rare(tmp_path: Path) -> None:
    """보통 stands in neutral reviews and in as many positive ones."""
    found = {}
    for name, complaints in (("rare", 4), ("frequent", 40)):
        rows = [(f"보통이지만 좋아요 {row}호 추천", 5) for row in range(60)]
        rows += [(f"별로예요 {row}호 더러워요", 1) for row in range(complaints)]
        rows += [(f"보통이에요 {row}호 그냥 보통", 3) for row in range(40)]
        lines = [json.dumps({"text": text, "rating": rating}) for text, rating in rows]
        own = tmp_path / name
        (own / "model").mkdir(parents=True)
        (own / "reviews.jsonl").write_text("\n".join(lines), encoding="utf-8")
        settings = load_settings(
            environment={}, overrides=(*QUICK, f"source.path={own / 'reviews.jsonl'}")
        )
        workspace = Workspace(own / "workspace")
        workspace.check()
        runner = Runner(workspace)
        (first,) = prepare(runner, crawl(workspace, settings), settings)
        fit(first, own / "model", with_starter=False)
        regression = NgramRegression.load(own / "model")
        texts = ["보통이에요 그냥 보통", "별로예요 더러워요"]
        logits = regression.logits(regression.features(texts, [text.split() for text in texts]))
        found[name] = logits[0] - logits[1]
    assert found["rare"] < 1 < found["frequent"] - 1
