"""The stage that finds topics: whole texts are answered once, by the stage before."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.arrays import Floats
from pipeline.predict.predictor import Predictor
from pipeline.prepare.clean import clean
from pipeline.settings import LabelSettings, TokenizerSettings
from pipeline.stages.judge import answer_reviews
from pipeline.stages.runner import Runner
from pipeline.stages.topics import find_topics, word_tagger
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.storage.workspace import Workspace
from pipeline.target.base import Predicted
from pipeline.topics.analysis import analyse
from pipeline.topics.reading import read_documents
from pipeline.topics.records import TopicReport
from tests.pipeline.topics.made_up import apartment_texts


def snapshot(workspace: Workspace, texts: Sequence[str]) -> Manifest:
    rows = [
        dict.fromkeys(REVIEWS_SCHEMA.names, "")
        | {"review_id": str(number), "text": text, "aspect_ratings": "{}"}
        | {"rating": None, "label": None, "held_out": False, "by_hand": False}
        for number, text in enumerate(texts)
    ]
    folder = workspace.folder("crawl", "made-up")
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), folder / names.REVIEWS)
    return workspace.finish("crawl", "made-up", [names.REVIEWS], len(rows), {})


def test_each_text_is_predicted_once(
    small_model: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*apartment_texts(), "", "<br>"]
    reviews = snapshot(Workspace(tmp_path), texts)
    predictor, tokenizer = Predictor(small_model), TokenizerSettings()
    asked: list[str] = []
    predict = Predictor.predict

    def recorded(self: Predictor, texts: Sequence[str]) -> Predicted:
        asked.extend(texts)
        return predict(self, texts)

    monkeypatch.setattr(Predictor, "predict", recorded)
    runner, memo = Runner(Workspace(tmp_path)), tmp_path
    answers = runner.run(answer_reviews, reviews, small_model, memo=memo)
    topics = runner.run(
        find_topics, reviews, answers, small_model, tokenizer, LabelSettings(), memo=memo
    )
    whole = [text for text in texts if not predictor.is_blank(text)]
    assert asked[: len(whole)] == whole
    clauses = asked[len(whole) :]
    assert clauses
    assert len(set(clauses)) == len(clauses)
    assert set(clauses).isdisjoint(whole)
    monkeypatch.undo()

    def even(texts: Sequence[str]) -> Floats:
        return predictor.target.even_positive(predictor.predict(texts))

    cleaned = [clean(text, predictor.clean) for text in texts]
    positive = np.full(len(texts), np.nan)
    positive[: len(whole)] = even(cleaned[: len(whole)])
    documents, _ = read_documents(
        reviews.path(names.REVIEWS), LabelSettings(), predictor.clean, positive
    )
    expected = analyse(documents, word_tagger(tokenizer, None, 1), "okt", even).report
    found = TopicReport.from_json(topics.path(names.TOPICS).read_bytes())
    assert found.topics
    assert found == TopicReport.from_json(expected.to_json())
