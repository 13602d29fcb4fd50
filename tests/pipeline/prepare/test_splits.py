"""Which split each example goes to."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError
from pipeline.prepare.splits import Assignment, assign_splits
from pipeline.reviews.review import SPLITS
from pipeline.settings import SplitSettings
from pipeline.target.binary import BINARY
from pipeline.target.three import Three

UNEVEN = (1304, 829, 306, 241, 178, 120)


def assign(
    groups: Sequence[str],
    labels: Sequence[int],
    texts: Sequence[str] | None = None,
    held_out: Sequence[bool] | None = None,
    names: Sequence[str] = BINARY.names,
    **settings: float,
) -> Assignment:
    """Assign examples, of different texts unless ``texts`` are given."""
    texts = texts or [f"text {index}" for index in range(len(groups))]
    held_out = held_out or [False] * len(groups)
    chosen = SplitSettings.model_validate(settings)
    return assign_splits(texts, groups, labels, names, held_out, chosen)


def grouped(sizes: Sequence[int], rate: float = 0.3) -> tuple[list[str], list[int]]:
    """Groups of these sizes, and labels of which a share is negative."""
    groups = [f"group {number}" for number, size in enumerate(sizes) for _ in range(size)]
    labels = np.random.default_rng(1).random(len(groups)) >= rate
    return groups, labels.astype(int).tolist()


def shares(splits: Sequence[str]) -> dict[str, float]:
    return {name: splits.count(name) / len(splits) for name in SPLITS}


def splits_of(keys: Sequence[str], splits: Sequence[str]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for key, name in zip(keys, splits, strict=True):
        found[key].add(name)
    return found


def test_a_group_is_in_one_split_and_shares_are_kept() -> None:
    groups = [f"group {index % 40}" for index in range(800)]
    splits, ungrouped = assign(groups, [index // 40 % 2 for index in range(800)])
    assert all(len(found) == 1 for found in splits_of(groups, splits).values())
    counts = {name: splits.count(name) for name in SPLITS}
    assert counts == {"train": 580, "validation": 60, "test": 160}
    assert ungrouped == []


def test_a_large_validation_split_by_text_is_limited() -> None:
    groups, labels = grouped([10_000] * 10, rate=0.4)
    alone, together = (assign(found, labels).splits for found in ([""] * 100_000, groups))
    validation = [label for name, label in zip(alone, labels, strict=True) if name == "validation"]
    assert validation.count(0) == pytest.approx(2500, abs=2)
    assert validation.count(1) == pytest.approx(2500 * 0.6 / 0.4, rel=0.02)
    assert together.count("validation") == 10_000


@pytest.mark.parametrize(
    ("number", "test", "ungrouped"),
    [
        (2, 0.2, ["test", "validation"]),
        (3, 1 / 3, ["validation"]),
        (4, 1 / 4, ["validation"]),
        (5, 1 / 5, []),
        (6, 1 / 6, []),
        (8, 1 / 4, []),
    ],
)
def test_a_few_equal_groups_are_split(number: int, test: float, ungrouped: list[str]) -> None:
    groups, labels = grouped([400] * number)
    for seed in range(20):
        splits, found = assign(groups, labels, seed=seed)
        assert found == ungrouped
        assert shares(splits)["test"] == pytest.approx(test, abs=0.002)
        assert 0.06 < shares(splits)["validation"] < 0.21
        if "test" not in ungrouped:
            assert all(
                len(names) == 1 for names in splits_of(groups, splits).values() if "test" in names
            )


@pytest.mark.parametrize("rate", [0.3, 0.03])
def test_uneven_groups_are_split_whatever_the_seed(rate: float) -> None:
    groups, labels = grouped(UNEVEN, rate)
    for seed in range(200):
        splits, ungrouped = assign(groups, labels, seed=seed)
        assert "test" not in ungrouped
        assert 0.1 <= shares(splits)["test"] <= 0.4
        found = Counter(zip(splits, labels, strict=True))
        assert all(found[name, label] for name in SPLITS for label in (0, 1))


def test_a_class_of_one_group_is_split_by_text() -> None:
    groups, _ = grouped([100] * 12)
    labels = [int(group != "group 3") for group in groups]
    splits, ungrouped = assign(groups, labels)
    assert ungrouped == ["test", "validation"]
    assert Counter(zip(splits, labels, strict=True))["test", 0] == 20


def test_a_large_group_may_stay_in_the_training_split() -> None:
    groups, labels = grouped([3000, 40, 40, 40, 40, 900, 500])
    for seed in range(20):
        splits, _ = assign(groups, labels, seed=seed)
        assert "test" not in splits_of(groups, splits)["group 0"]


@pytest.mark.parametrize("complaints", [25, 100])
def test_a_rare_class_has_its_share_of_each_split(complaints: int) -> None:
    labels = [int(index >= complaints) for index in range(5000)]
    for seed in range(10):
        splits, ungrouped = assign([""] * 5000, labels, seed=seed)
        found = Counter(zip(splits, labels, strict=True))
        assert abs(found["test", 0] - 0.2 * complaints) <= 0.5
        assert abs(found["validation", 0] - 0.08 * complaints) <= 0.5
        assert splits.count("test") == 1000
        assert ungrouped == []


def test_most_groups_stay_where_they_are_when_groups_are_added() -> None:
    groups = [f"group {index % 40}" for index in range(800)]
    labels = [index // 40 % 2 for index in range(800)]
    before = dict(zip(groups, assign(groups, labels).splits, strict=True))
    more = [f"new {index % 4}" for index in range(80)]
    after = dict(zip(groups, assign(groups + more, labels + labels[:80]).splits, strict=False))
    moved = [group for group in before if (before[group] == "test") != (after[group] == "test")]
    assert len(moved) <= 2


@pytest.mark.parametrize("sizes", [UNEVEN, [200] * 10, [50] * 40])
def test_most_groups_stay_where_they_are_when_they_grow(sizes: Sequence[int]) -> None:
    groups, labels = grouped(sizes)
    moved = []
    for seed in range(10):
        drawn = np.random.default_rng(seed).integers(0, len(groups), len(groups) // 20).tolist()
        before = assign(groups, labels, seed=seed).splits
        more, of_more = [groups[index] for index in drawn], [labels[index] for index in drawn]
        after = assign(groups + more, labels + of_more, seed=seed).splits
        moved.append(np.mean([one != two for one, two in zip(before, after, strict=False)]))
    assert np.mean(moved) < 0.02


def test_reviews_without_a_group_stay_where_they_are() -> None:
    labels = [int(index % 50 > 0) for index in range(5250)]
    before = assign([""] * 5000, labels[:5000]).splits
    after = assign([""] * 5250, labels).splits
    assert np.mean([one != two for one, two in zip(before, after, strict=False)]) < 0.01


def test_equal_texts_without_a_group_stay_together() -> None:
    texts = [f"text {index // 2}" for index in range(400)]
    splits = assign([""] * 400, [index // 2 % 2 for index in range(400)], texts).splits
    assert all(len(found) == 1 for found in splits_of(texts, splits).values())
    assert splits.count("test") == 80


def test_a_text_that_is_repeated_often_leaves_each_split_its_classes() -> None:
    texts = ["again"] * 100 + [f"text {index}" for index in range(102)]
    labels = [0] * 102 + [1] * 100
    for seed in range(20):
        splits = assign([""] * 202, labels, texts, seed=seed).splits
        assert len(set(splits[:100])) == 1
        assert {splits[0], splits[100], splits[101]} == set(SPLITS)


@st.composite
def examples(draw: st.DrawFn) -> tuple[list[str], list[str], list[int]]:
    """Texts, some of them repeated, groups of any size, and classes at any rate."""
    sizes = draw(st.lists(st.integers(1, 60), min_size=1, max_size=12))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    rates = random.beta(*draw(st.sampled_from([(1, 20), (1, 1), (5, 5)])), len(sizes))
    groups = [f"group {number}" for number, size in enumerate(sizes) for _ in range(size)]
    if draw(st.booleans()):
        groups = [group if random.random() < 0.5 else "" for group in groups]
    labels = [
        int(random.random() > rate)
        for rate, size in zip(rates, sizes, strict=True)
        for _ in range(size)
    ]
    different = draw(st.integers(1, 2 * len(labels)))
    return [f"text {one}" for one in random.integers(0, different, len(labels))], groups, labels


@given(examples(), st.integers(0, 5))
def test_each_split_has_each_class_and_about_its_share(
    rows: tuple[list[str], list[str], list[int]], seed: int
) -> None:
    texts, groups, labels = rows
    different = Counter(label for _, label in set(zip(texts, labels, strict=True)))
    try:
        splits, ungrouped = assign(groups, labels, texts, seed=seed)
    except DataError:
        assert min(different[0], different[1]) < 3
        return
    found = Counter(zip(splits, labels, strict=True))
    assert all(found[name, label] for name in SPLITS for label in (0, 1))
    if len(set(groups)) > 1 and "test" not in ungrouped:
        for label, number in Counter(labels).items():
            assert 0.1 * number - 1 <= found["test", label] <= 0.4 * number + 1
        for group, names in splits_of(groups, splits).items():
            together = {"train", *ungrouped}
            assert not group or len(names) == 1 or names <= together


def test_held_out_examples_are_the_whole_test_split() -> None:
    labels = [index % 2 for index in range(200)]
    held_out = [index >= 150 for index in range(200)]
    splits = assign([""] * 200, labels, held_out=held_out).splits
    assert [name == "test" for name in splits] == held_out
    assert splits.count("validation") in (14, 15, 16)


def test_groups_are_ignored_beside_a_test_file_in_the_validation_split_only() -> None:
    groups, labels = grouped([100, 100, 20])
    held_out = [index >= 200 for index in range(220)]
    splits, ungrouped = assign(groups, labels, held_out=held_out)
    assert [name == "test" for name in splits] == held_out
    assert ungrouped == ["validation"]


def test_one_class_and_too_few_rows_are_refused() -> None:
    with pytest.raises(DataError, match="all 50 are positive"):
        assign([""] * 50, [1] * 50)
    with pytest.raises(DataError, match="no review has a label"):
        assign([], [])
    with pytest.raises(DataError, match="too few negative reviews: 2 different among 5,002") as few:
        assign([""] * 5002, [0, 0] + [1] * 5000)
    assert "label.target, label.negative_max or label.positive_min" in str(few.value)
    assert "seed" not in str(few.value)


@pytest.mark.parametrize("labels", [30, 100])
@pytest.mark.parametrize("complaints", range(6))
def test_few_hand_labels_are_split_or_refused_with_what_is_wanted(
    labels: int, complaints: int
) -> None:
    classes = [0] * complaints + [1] * (labels - complaints)
    for groups in ([""] * labels, [str(row % 7) for row in range(labels)]):
        if complaints >= 3:
            splits, _ = assign(groups, classes)
            counts = Counter(zip(splits, classes, strict=True))
            assert len(counts) == 6
        else:
            with pytest.raises(DataError) as few:
                assign(groups, classes)
            more = ("3 negative reviews", "2 more negative reviews", "1 more negative review")
            assert f"add at least {more[complaints]} (`review-sentiment label" in str(few.value)


def test_a_test_file_without_a_class_is_refused() -> None:
    with pytest.raises(DataError, match=r"of the 10 .* of source\.test_path is negative: add"):
        assign([""] * 100, [0, 1] * 45 + [1] * 10, held_out=[False] * 90 + [True] * 10)
    with pytest.raises(DataError, match="1 different among 81 labelled, and training and valid"):
        held_out = [index < 10 or index > 90 for index in range(100)]
        assign([""] * 100, [1] * 90 + [0] * 10, held_out=held_out)
    with pytest.raises(DataError, match="0 different among 90 labelled, and training and valid"):
        held_out = [index >= 90 for index in range(100)]
        assign([""] * 100, [1] * 90 + [0] * 5 + [1] * 5, held_out=held_out)


def test_a_class_that_no_example_is_of_is_named() -> None:
    with pytest.raises(DataError, match="none is neutral"):
        assign([""] * 60, [0, 2] * 30, names=Three().names)
