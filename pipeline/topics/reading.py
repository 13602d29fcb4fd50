"""Reads the reviews of a snapshot for their topics, and writes the table of mentions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Floats
from pipeline.prepare.clean_many import clean_all
from pipeline.prepare.labels import rating_scale, thresholds
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE
from pipeline.settings import CleanSettings, LabelSettings
from pipeline.storage.files import atomic_path
from pipeline.storage.schemas import MENTIONS_SCHEMA
from pipeline.topics.analysis import Analysis
from pipeline.topics.documents import Documents

COLUMNS = ["source", "review_id", "group", "group_name", "aspect", "date", "text"]
MOST_REVIEWS = 200_000
"""Maximum number of reviews that are read; of more reviews, a random sample is read."""
_OPINIONS = {NEGATIVE: -1.0, NEUTRAL: 0.0, POSITIVE: 1.0}


def read_documents(
    reviews: Path,
    label: LabelSettings,
    cleaning: CleanSettings,
    positive: Floats,
    *,
    most: int = MOST_REVIEWS,
) -> tuple[Documents, int]:
    """Read the texts of a snapshot, or of a sample of its reviews if there are too many.

    Args:
        reviews: ``reviews.parquet`` of the snapshot.
        label: Defines good and bad ratings.
        cleaning: Text normalization.
        positive: Probability that each text of the snapshot is positive, nan for a blank text.
        most: Maximum number of reviews to read.

    Returns:
        The texts, and the number of all reviews.
    """
    table = pq.read_table(reviews, columns=[*COLUMNS, "rating", "label"])
    rows, count = _sample(table, most)
    table = table.take(rows)
    columns = {name: table[name].to_pylist() for name in COLUMNS}
    texts = clean_all(columns["text"], cleaning)
    ratings = table["rating"].to_numpy(zero_copy_only=False).astype(float)
    documents = Documents(
        texts=texts,
        sources=columns["source"],
        review_ids=columns["review_id"],
        aspects=columns["aspect"],
        groups=columns["group"],
        group_names=columns["group_name"],
        dates=columns["date"],
        ratings=ratings,
        opinions=opinions_of(ratings, table["label"].to_pylist(), label),
        positive=positive[rows.to_numpy()],
    )
    return documents, count


def opinions_of(ratings: Floats, given: Sequence[int | None], settings: LabelSettings) -> Floats:
    """Ratings and given labels on a scale from -1 to 1.

    The highest negative rating becomes -0.5 and the lowest positive rating 0.5, see
    :class:`pipeline.settings.LabelSettings`. Without a rating, the label becomes -1, 0 or 1.

    Args:
        ratings: On the source's scale, nan without a rating, shape (reviews,).
        given: Label of each review; None without one.
        settings: Scale and thresholds.

    Raises:
        DataError: A rating is outside the scale.
    """
    labels = np.array([np.nan if one is None else _OPINIONS[one] for one in given], float)
    known = ratings[~np.isnan(ratings)].tolist()
    if not known:
        return labels
    negative, positive = thresholds(rating_scale(known, settings), settings, known)
    rated = np.clip((ratings - (negative + positive) / 2) / (positive - negative), -1, 1)
    return np.where(np.isnan(rated), labels, rated)


def write_mentions(path: Path, documents: Documents, analysis: Analysis) -> None:
    """Write the mentions with the schema ``MENTIONS_SCHEMA``, sorted by topic and review."""
    mentions, topics = analysis.mentions, analysis.report.topics
    main = documents.main[mentions.reviews].tolist()
    ratings = documents.ratings[main]
    chosen = np.select(
        [mentions.is_praise, mentions.is_complaint], ["positive", "negative"], "neutral"
    )
    columns = {
        "source": [documents.sources[one] for one in main],
        "review_id": [documents.review_ids[one] for one in main],
        "group": [documents.groups[one] for one in main],
        "group_name": [documents.group_names[one] for one in main],
        "date": [documents.dates[one] for one in main],
        "rating": pa.array(ratings, mask=np.isnan(ratings)),
        "topic": [topics[one].name for one in mentions.topics.tolist()],
        "topic_aspect": [topics[one].aspect for one in mentions.topics.tolist()],
        "positive": mentions.positive,
        "judgement": chosen.tolist(),
    }
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns, schema=MENTIONS_SCHEMA), temporary)


def _sample(table: pa.Table, most: int) -> tuple[pa.Array, int]:
    """Rows of a sample of at most ``most`` reviews, in order, and the number of all reviews."""
    keys = pc.binary_join_element_wise(table["source"], table["review_id"], "\0")
    codes = keys.combine_chunks().dictionary_encode()
    count = len(codes.dictionary)
    numbers = codes.indices.to_numpy()
    if count <= most:
        return pa.array(np.arange(len(numbers))), count
    is_chosen = np.zeros(count, bool)
    is_chosen[np.random.default_rng(0).choice(count, most, replace=False)] = True
    return pa.array(np.flatnonzero(is_chosen[numbers])), count
