"""The tables of the review store."""

from __future__ import annotations

import sqlalchemy as sa

from pipeline.storage.database import metadata

_Name = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
"""Type of a text column that sorts by bytes on every database."""

stored_reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("source", _Name, primary_key=True),
    sa.Column("review_id", _Name, primary_key=True),
    sa.Column("aspect", _Name, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("date", sa.Text, nullable=False),
    sa.Column("rating", sa.Float),
    sa.Column("label", sa.Integer),
    sa.Column("aspect_ratings", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # hash of the content without the date
    sa.Column("crawl", sa.Integer, nullable=False),  # last crawl that saw it
    sa.Column("first_seen", sa.Text, nullable=False),  # ISO time in UTC, like all times
    sa.Column("last_seen", sa.Text, nullable=False),
    sa.Column("changed", sa.Text, nullable=False),  # empty: never edited
    sa.Column("deleted", sa.Text, nullable=False),  # empty: still on the site
)
review_versions = sa.Table(
    "review_versions",
    metadata,
    *(
        sa.Column(column.name, column.type)
        for column in stored_reviews.c
        if column.name != "deleted"
    ),
    sa.Column("replaced", sa.Text, nullable=False),
    sa.Index("review_versions_of", "source", "review_id"),
)
hand_labels = sa.Table(
    "hand_labels",
    metadata,
    sa.Column("source", _Name, primary_key=True),
    sa.Column("review_id", _Name, primary_key=True),
    sa.Column("aspect", _Name, primary_key=True),
    sa.Column("label", sa.Integer, nullable=False),
    sa.Column("text_digest", sa.Text, nullable=False),  # of the text that was labelled
    sa.Column("given", sa.Text, nullable=False),  # ISO time in UTC
)
