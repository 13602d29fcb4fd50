"""Reading a snapshot: opinions, samples, and the table of mentions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE
from pipeline.settings import CleanSettings, LabelSettings
from pipeline.storage.schemas import MENTIONS_SCHEMA, REVIEWS_SCHEMA
from pipeline.target.binary import Binary
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.topics.analysis import analyse
from pipeline.topics.reading import opinions_of, read_documents, write_mentions
from tests.pipeline.topics.made_up import answers, apartment_texts, tagger


def write(path: Path, texts: Sequence[str]) -> Path:
    rows = [
        {
            "source": "made up",
            "review_id": str(number // 2),
            "text": text,
            "group": f"{number // 2 % 3}",
            "group_name": "",
            "aspect": "거주" if number % 2 else "",
            "date": "2026-11-01",
            "rating": 4.0 if number % 4 else None,
            "label": None,
            "aspect_ratings": "{}",
            "held_out": False,
            "by_hand": False,
        }
        for number, text in enumerate(texts)
    ]
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), path)
    return path


@pytest.mark.parametrize(
    ("ratings", "opinions"),
    [([1, 2, 3, 4, 5], [-1, -0.5, 0, 0.5, 1]), ([1, 4, 9, 10], [-1, -0.5, 0.5, 0.7])],
)
def test_opinions_follow_the_thresholds_of_the_scale(
    ratings: list[float], opinions: list[float]
) -> None:
    found = opinions_of(np.array(ratings, float), [None] * len(ratings), LabelSettings())
    assert found == pytest.approx(opinions)


def test_labels_are_opinions_where_there_is_no_rating() -> None:
    found = opinions_of(
        np.array([np.nan, np.nan, np.nan, np.nan, 5.0]),
        [NEGATIVE, NEUTRAL, POSITIVE, None, NEGATIVE],
        LabelSettings(),
    )
    assert found == pytest.approx([-1, 0, 1, np.nan, 1], nan_ok=True)


def test_a_sample_has_whole_reviews(tmp_path: Path) -> None:
    texts = apartment_texts()
    path = write(tmp_path / "reviews.parquet", texts)
    documents, count = read_documents(
        path, LabelSettings(), CleanSettings(), answers(texts), most=20
    )
    assert count == len(texts) / 2
    assert len(documents.main) == 20
    assert len(documents) == 40
    assert documents.positive == pytest.approx(answers(documents.texts))


def test_blank_texts_have_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.parquet", ["좋아요", "", " ", "별로예요"])
    positive = np.array([0.9, np.nan, np.nan, 0.1])
    documents, _ = read_documents(path, LabelSettings(), CleanSettings(), positive)
    assert np.isnan(documents.positive).tolist() == [False, True, True, False]
    assert documents.is_negative.tolist() == [False, True]


def test_the_table_of_mentions_has_what_the_report_counts(tmp_path: Path) -> None:
    texts = apartment_texts()
    path = write(tmp_path / "reviews.parquet", texts)
    documents, _ = read_documents(path, LabelSettings(), CleanSettings(), answers(texts))
    found = analyse(documents, tagger(memo=tmp_path), "okt", answers)
    write_mentions(tmp_path / "mentions.parquet", documents, found)
    table = pq.read_table(tmp_path / "mentions.parquet")
    assert table.schema == MENTIONS_SCHEMA
    rows = table.to_pylist()
    for topic in found.report.topics:
        own = [row for row in rows if row["topic"] == topic.name]
        assert len({row["review_id"] for row in own}) == len(own) == topic.mentions
        judged = [row["judgement"] for row in own]
        assert judged.count("negative") == topic.negative
        assert judged.count("positive") == topic.positive
        for cell in topic.by_group:
            here = [row for row in own if row["group"] == cell.key]
            assert len(here) == cell.mentions


def test_even_probabilities_follow_the_decision_rule() -> None:
    predicted = np.array([0.05, 0.2, 0.6, 0.99])
    target = Binary(threshold=0.2)
    even = target.even_positive(predicted)
    assert even[1] == pytest.approx(0.5)
    assert ((even >= 0.5) == target.is_positive(predicted)).all()
    three = Three(decision_weights=(4, 2, 1))
    of_classes = np.array([[0.1, 0.1, 0.8], [0.2, 0.2, 0.6], [0.1, 0.5, 0.4]])
    even = three.even_positive(of_classes)
    assert ((even >= 0.5) == three.is_positive(of_classes)).all()
    score = Score(lowest=1, highest=5)
    assert score.even_positive(predicted) is predicted
