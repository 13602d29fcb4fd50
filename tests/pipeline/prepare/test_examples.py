"""The examples stage: which reviews become examples, and in which split."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.prepare.examples import make_examples, read_examples, tokens_of
from pipeline.prepare.tested import overlap_of_groups
from pipeline.settings import CleanSettings, LabelSettings, SplitSettings
from pipeline.storage.schemas import REVIEWS_SCHEMA


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """40 reviews of both classes, the last eight held out, and ten reviews of rating 3."""
    rows = [
        {"source": "s", "review_id": str(row), "text": f"글 {row}", "group": "", "aspect": "",
         "rating": (1.0, 5.0)[row % 2], "held_out": row >= 32, "by_hand": False}
        for row in range(40)
    ]  # fmt: skip
    rows += [rows[0] | {"review_id": f"m{row}", "text": f"중간 {row}", "rating": 3.0}
             for row in range(10)]  # fmt: skip
    rows[40]["text"] = ""
    path = tmp_path / "reviews.parquet"
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), path)
    return path


def test_unlabelled_reviews_come_last_and_exclude_held_out_texts(
    reviews: Path, tmp_path: Path
) -> None:
    further = tmp_path / "further.txt"
    further.write_text("하나\n\n글 39\n둘\n", encoding="utf-8")
    details = make_examples(
        reviews,
        tmp_path / "examples.parquet",
        label=LabelSettings(),
        cleaning=CleanSettings(),
        split=SplitSettings(validation_share=0.3),
        unlabeled=further,
    )
    rows = pq.read_table(tmp_path / "examples.parquet").to_pylist()
    labelled, unlabeled = rows[:40], rows[40:]
    assert [row["text"] for row in labelled if row["split"] == "test"] == [
        f"글 {row}" for row in range(32, 40)
    ]
    assert [row["split"] for row in unlabeled] == ["between"] * 9 + ["unlabeled"] * 2
    assert [row["label"] for row in unlabeled] == [0.5] * 9 + [None] * 2
    assert [row["text"] for row in unlabeled] == [
        *(f"중간 {row}" for row in range(1, 10)), "하나", "둘",
    ]  # fmt: skip
    assert (details["examples"], details["unlabeled"], details["between"]) == (40, 11, 9)


@pytest.fixture
def path(reviews: Path, tmp_path: Path) -> Path:
    """``examples.parquet`` of the reviews."""
    made = tmp_path / "examples.parquet"
    make_examples(
        reviews,
        made,
        label=LabelSettings(),
        cleaning=CleanSettings(),
        split=SplitSettings(validation_share=0.3),
    )
    return made


def test_read_examples_samples_with_a_fixed_seed(path: Path) -> None:
    texts, labels = read_examples(path, "train")
    some, of_some = read_examples(path, "train", most=10)
    assert some == [text for text in texts if text in some]
    assert len(some) == 10
    assert [labels[texts.index(text)] for text in some] == of_some.tolist()
    assert read_examples(path, "train", most=10)[0] == some
    assert read_examples(path, "train", most=len(texts))[0] == texts


@pytest.mark.parametrize(("splits", "most"), [(("test",), None), (("train", "validation"), 7)])
def test_tokens_of_matches_read_examples(
    path: Path, tmp_path: Path, splits: tuple[str, ...], most: int | None
) -> None:
    tokens = tmp_path / "tokens.parquet"
    tokenized = [text.split() for text in pq.read_table(path)["text"].to_pylist()]
    pq.write_table(pa.table({"tokens": tokenized}), tokens, row_group_size=9)
    texts, _ = read_examples(path, *splits, most=most)
    assert texts
    found = list(tokens_of(path, tokens, *splits, most=most))
    assert [" ".join(one) for one in found] == texts


def test_groups_that_cannot_be_kept_whole_are_said(
    reviews: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = pq.read_table(reviews).to_pylist()
    rows = [row | {"group": f"g{number % 4 // 2}", "held_out": False}
            for number, row in enumerate(rows)]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), reviews)
    details = make_examples(
        reviews,
        tmp_path / "examples.parquet",
        label=LabelSettings(),
        cleaning=CleanSettings(),
        split=SplitSettings(),
    )
    assert details["groups"] == 2
    assert details["ungrouped"] == ["test", "validation"]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "2 groups are too few or too uneven to split by group: test and validation reviews come "
        "from groups that are also in the training split"
    ]


def test_unlabelled_reviews_of_a_test_group_are_no_overlap(tmp_path: Path) -> None:
    rows = [
        ("train", "가"), ("validation", "나"), ("test", "다"), ("test", "다"), ("test", "나"),
        ("test", ""), ("train", ""), ("unlabeled", "다"),
    ]  # fmt: skip
    path = tmp_path / "examples.parquet"
    columns = dict(zip(("split", "group"), map(list, zip(*rows, strict=True)), strict=True))
    fold = pa.nulls(len(rows), pa.int32())
    pq.write_table(pa.table(columns | {"fold": fold}), path)
    assert overlap_of_groups(path) == 1


def test_the_log_counts_reviews_and_their_texts(
    reviews: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows = pq.read_table(reviews).to_pylist()
    for more, said in (
        ([], "50 reviews, 40 labelled"),
        (
            [rows[0] | {"aspect": "교통", "text": "가까워요"}],
            "50 reviews with 50 texts, 41 labelled",
        ),
    ):
        pq.write_table(pa.Table.from_pylist([*rows, *more], REVIEWS_SCHEMA), reviews)
        make_examples(
            reviews,
            tmp_path / "examples.parquet",
            label=LabelSettings(),
            cleaning=CleanSettings(),
            split=SplitSettings(),
        )
        assert said in caplog.text


@pytest.mark.parametrize(
    ("target", "origins", "tested"),
    [
        ("binary", {"hand": 22, "source": 10, "ratings": 30}, 20),
        ("three", {"hand": 22, "source": 10, "ratings": 31}, 22),
        ("score", {"ratings": 63}, 0),
    ],
)
def test_the_origins_of_the_labels_are_counted(
    target: str,
    origins: dict[str, int],
    tested: int,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [
        {"source": "s", "review_id": str(row), "text": f"글 {row}", "group": "", "aspect": "",
         "rating": (1.0, 5.0)[row % 2], "label": row % 2 if row < 30 else None,
         "held_out": False, "by_hand": row < 20}
        for row in range(60)
    ]  # fmt: skip
    rows += [
        rows[0] | {"review_id": "neutral", "text": "중간", "rating": 3.0, "label": None},
        rows[0] | {"review_id": "blank", "text": ""},
        *(rows[0] | {"review_id": text, "text": text, "label": 2} for text in ("둘", "셋")),
    ]
    rows[60]["by_hand"] = False  # the rating alone
    reviews = tmp_path / "reviews.parquet"
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), reviews)
    caplog.set_level("INFO")
    details = make_examples(
        reviews,
        tmp_path / "examples.parquet",
        label=LabelSettings.model_validate({"target": target}),
        cleaning=CleanSettings(),
        split=SplitSettings(),
    )
    assert (details["origins"], details["tested_by_hand"]) == (origins, tested)
    assert details["neutral_labels"] == (2 if target == "binary" else 0)
    assert sum(origins.values()) == details["examples"] + details["neutral_labels"]
    assert ("labels: given by hand (23), else as given by the source, else using ratings: <= 2 of "
            "5 is negative, >= 4 positive" in caplog.text) == (target != "score")  # fmt: skip
    split = {**SplitSettings().model_dump(), "folds": 0}
    details = make_examples(
        reviews,
        tmp_path / "examples.parquet",
        label=LabelSettings.model_validate({"target": target}),
        cleaning=CleanSettings(),
        split=SplitSettings.model_validate(split),
    )
    assert details["tested_by_hand"] <= sum(details["splits"]["test"].values())


@pytest.mark.parametrize(
    ("target", "neutral"), [("binary", {"between"}), ("score", set()), ("three", set())]
)
def test_reviews_given_as_neutral_are_between_two_classes(
    target: str, neutral: set[str], tmp_path: Path
) -> None:
    labels = {0: 2.0, 1: 5.0, 2: 3.0}
    rows = [
        {"source": "s", "review_id": str(row), "text": f"글 {row}", "group": "", "aspect": "",
         "rating": labels[row % 3], "label": row % 3, "held_out": False,
         "by_hand": False}
        for row in range(60)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), tmp_path / "reviews.parquet")
    make_examples(
        tmp_path / "reviews.parquet",
        tmp_path / "examples.parquet",
        label=LabelSettings.model_validate({"target": target}),
        cleaning=CleanSettings(),
        split=SplitSettings(),
    )
    splits = set(pq.read_table(tmp_path / "examples.parquet")["split"].to_pylist())
    assert splits - {"train", "validation", "test"} == neutral


def test_neutral_reviews_of_groups_that_only_the_test_split_has_are_unlabelled(
    tmp_path: Path,
) -> None:
    rows = [
        {"source": "s", "review_id": str(row), "text": f"글 {row}", "group": f"g{row % 20}",
         "aspect": "", "rating": (1.0, 5.0)[row // 20 % 2], "held_out": row % 20 == 7,
         "by_hand": False}
        for row in range(80)
    ]  # fmt: skip
    rows += [rows[group] | {"review_id": f"n{group}", "text": f"중간 {group}", "rating": 3.0,
                            "held_out": False} for group in (6, 7)]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), tmp_path / "reviews.parquet")
    make_examples(
        tmp_path / "reviews.parquet",
        tmp_path / "examples.parquet",
        label=LabelSettings(),
        cleaning=CleanSettings(),
        split=SplitSettings(),
    )
    splits = pq.read_table(tmp_path / "examples.parquet")["split"].to_pylist()
    assert splits[-2:] == ["between", "unlabeled"]
