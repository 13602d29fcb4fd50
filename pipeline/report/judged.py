"""The table of all texts with their labels and predictions: ``judged.parquet``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.predict.reviews import read_predictions
from pipeline.prepare.labels import class_labels, rating_scale, sentiment, thresholds
from pipeline.reviews.markup import readable
from pipeline.reviews.review import LABEL_NAMES, NEGATIVE, POSITIVE, day_of
from pipeline.settings import LabelSettings
from pipeline.target.base import Target
from pipeline.target.kinds import CLASSES
from pipeline.target.score import Score

JUDGED_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("review_id", pa.string()),
        ("aspect", pa.string()),
        ("group", pa.string()),  # name of the group, else its id
        ("date", pa.string()),  # ISO date, may be empty
        ("rating", pa.float64()),
        ("text", pa.string()),
        ("label", pa.string()),  # given label, else from the rating; null without both
        ("answer", pa.string()),  # the model's prediction; null for a blank text
        ("positive", pa.float64()),  # the model's positivity, 0 to 1
        ("is_complaint", pa.bool_()),
        ("is_hidden", pa.bool_()),
        ("is_doubtful", pa.bool_()),
        ("topics", pa.list_(pa.string())),  # topics of the review
    ]
)
COLUMNS = ["source", "review_id", "aspect", "group", "group_name", "date", "rating", "text"]
KEY = ("source", "review_id")


def judge(
    reviews: Path,
    answers: Path,
    target: Target,
    settings: LabelSettings,
    mentions: Mapping[tuple[str, str], Sequence[str]],
    doubtful: Set[tuple[str, str]] = frozenset(),
) -> pa.Table:
    """Join the reviews with the model's answers.

    A text is a complaint if its label or rating is negative, or if the model judges it negative.
    It is hidden if its label or rating is positive.

    Args:
        reviews: ``reviews.parquet``.
        answers: ``sentiment.parquet`` of these reviews, in their order.
        target: What the model predicts.
        settings: How ratings become labels.
        mentions: Topics by source and review id.
        doubtful: Texts whose label is probably wrong: source and review id joined by a colon, as in
            ``examples.parquet``, and aspect.

    Returns:
        A table with the schema ``JUDGED_SCHEMA``, in the order of the reviews.
    """
    table = pq.read_table(reviews, columns=[*COLUMNS, "label"])
    ratings, given = table["rating"].to_pylist(), table["label"].to_pylist()
    _, classes, _ = class_labels(ratings, given, settings.model_copy(update={"target": "three"}))
    names = CLASSES["three"].names
    labels = [None if one is None else names[int(one)] for one in classes]
    answer = _answers(answers, target, ratings, settings)
    predicted, is_known = read_predictions(answers, target)
    positive = np.full(len(labels), np.nan)
    positive[is_known] = target.positive(predicted)
    is_negative, is_positive, says_negative = (
        np.array([one == wanted for one in values], bool)
        for values, wanted in (
            (labels, LABEL_NAMES[NEGATIVE]),
            (labels, LABEL_NAMES[POSITIVE]),
            (answer, LABEL_NAMES[NEGATIVE]),
        )
    )
    names_of = pc.if_else(pc.equal(table["group_name"], ""), table["group"], table["group_name"])
    keys = list(zip(*(table[name].to_pylist() for name in KEY), strict=True))
    texts = zip(keys, table["aspect"].to_pylist(), strict=True)
    return (
        pa.table(
            {
                **{name: table[name] for name in ("source", "review_id", "aspect", "rating")},
                "text": [readable(text) for text in table["text"].to_pylist()],
                "group": names_of,
                "date": [day_of(date) for date in table["date"].to_pylist()],
                "label": pa.array(labels, pa.string()),
                "answer": pa.array(answer, pa.string()),
                "positive": pa.array(positive, pa.float64(), mask=np.isnan(positive)),
                "is_complaint": is_negative | says_negative,
                "is_hidden": is_positive & says_negative,
                "is_doubtful": [(":".join(key), aspect) in doubtful for key, aspect in texts],
                "topics": pa.array([mentions.get(key, ()) for key in keys], pa.list_(pa.string())),
            }
        )
        .select(JUDGED_SCHEMA.names)
        .cast(JUDGED_SCHEMA)
    )


def _answers(
    answers: Path, target: Target, ratings: list[float | None], settings: LabelSettings
) -> list[str | None]:
    """The model's class of each text; a predicted rating is converted like a given rating."""
    own = pq.read_table(answers, columns=[target.columns[0]])[target.columns[0]].to_pylist()
    if not isinstance(target, Score):
        found: list[str | None] = own
        return found
    known = [one for one in ratings if one is not None]
    bounds = thresholds(rating_scale(known, settings), settings, known)
    return [None if one is None else LABEL_NAMES[sentiment(one, *bounds)] for one in own]
