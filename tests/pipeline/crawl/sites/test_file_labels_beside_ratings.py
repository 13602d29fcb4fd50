"""Labels of files that also have ratings."""

from pathlib import Path

import pytest

from tests.pipeline.crawl.sites.label_files import choose, read, refused, write

NEGATIVE, POSITIVE, NEUTRAL = 0, 1, 2
EXAMPLE = "say what they mean, for example source.values = "
TOPICS = (["0", "1", "2", "3", "4"] * 8, ["1", "5", "5", "1", "5", "4", "2"] * 5 + ["5"] * 5)
ALONE = 'source.columns.label = ""'


def test_topics_beside_stars_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", *TOPICS)
    assert refused(path) == (
        f"{path}: the labels in column label have no clear meaning: "
        '"0" 8, "1" 8, "2" 8, "3" 8, "4" 8; ' + EXAMPLE + '{ "0" = "negative", "1" = "", '
        '"2" = "", "3" = "", "4" = "positive" }, or use the ratings alone with ' + ALONE
    )
    assert not choose(path, label="").found


def test_labels_that_contradict_the_ratings_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"] * 6, ["1", "5", "5", "1"] * 3)
    assert refused(path) == (
        f'{path}: the labels in column label ("0" 6, "1" 6) contradict the ratings in column '
        f"rating in 6 of 12 rows; use the ratings alone with {ALONE}, the labels alone with "
        'source.columns.rating = "", or ' + EXAMPLE + '{ "0" = "negative", "1" = "positive" }'
    )


def test_the_mapping_that_the_ratings_show_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"] * 6, ["5", "1"] * 6)
    confirmed = "confirm what the ratings in column rating show with source.values = "
    assert refused(path).endswith(confirmed + '{ "0" = "positive", "1" = "negative" }')
    path = write(tmp_path / "b.tsv", ["0", "1", "2"] * 6, ["10", "6", "2", "9", "7", "1"] * 3)
    assert refused(path).endswith(
        confirmed + '{ "0" = "positive", "1" = "neutral", "2" = "negative" }'
        f", or use the ratings alone with {ALONE}"
    )


def test_a_label_without_relation_is_refused_where_most_ratings_are_positive(
    tmp_path: Path,
) -> None:
    labels = (["1"] * 9 + ["0"]) * 100
    ratings = (["5"] * 95 + ["1"] * 5) * 10
    assert "contradict the ratings" in refused(write(tmp_path / "a.tsv", labels, ratings))


@pytest.mark.parametrize(
    ("labels", "ratings"),
    [
        (["0", "1"] * 6, ["1", "5"] * 6),
        (["0", "1"] * 6 + ["0"], ["1", "5"] * 6 + ["5"]),  # one of 13 differs
        (["0", "1"] * 6, ["20", "100"] * 6),
        (["0", "1"] * 6, ["3", "3"] * 6),
        (["0", "1", "", ""], ["", "", "5", "1"]),
        (["0", "1"] * 6, ["0", "1"] * 6),  # ratings without a scale
        (["-1", "0", "1"] * 6, ["1", "5", "5"] * 6),  # neutral is not compared
    ],
)
def test_labels_that_agree_with_the_ratings_are_taken(
    tmp_path: Path, labels: list[str], ratings: list[str]
) -> None:
    assert not choose(write(tmp_path / "a.tsv", labels, ratings)).is_given


def test_a_label_in_some_rows_and_a_rating_in_others(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1", "", "NULL"], ["", "None", "5", "1"])
    assert read(path)[0] == [NEGATIVE, POSITIVE, 5.0, 1.0]


def test_source_values_settle_a_contradiction(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"] * 6, ["5", "1"] * 6)
    assert read(path, **{"0": "positive", "1": "negative"})[0] == [POSITIVE, NEGATIVE] * 6
