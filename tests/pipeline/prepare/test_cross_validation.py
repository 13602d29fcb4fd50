"""Folds in which all examples are tested."""

from collections import Counter, defaultdict

import pytest

from pipeline.prepare.cross_validation import assign_folds


def texts(count: int) -> list[str]:
    return [f"후기 {number}" for number in range(count)]


def classes(count: int, rate: float) -> list[int]:
    """The first class has this share, spread evenly."""
    return [int((number * rate) % 1 >= rate) for number in range(count)]


@pytest.mark.parametrize("count", [3, 5, 10])
def test_each_fold_has_its_share_of_each_class(count: int) -> None:
    of = classes(1_000, 0.05)
    found = assign_folds(texts(1_000), [""] * 1_000, of, count, seed=1)
    assert found is not None
    sizes = Counter(zip(found.numbers.tolist(), of, strict=True))
    for label, total in Counter(of).items():
        for fold in range(count):
            assert sizes[fold, label] == pytest.approx(total / count, abs=1)


@pytest.mark.parametrize(("rate", "folds"), [(0.05, 10), (0.3, 5)])
def test_a_rare_class_has_more_folds(rate: float, folds: int) -> None:
    found = assign_folds(texts(1_000), [""] * 1_000, classes(1_000, rate), None, seed=1)
    assert found is not None
    assert len(set(found.numbers.tolist())) == folds


def test_groups_that_fill_only_five_folds_stay_whole() -> None:
    groups = [f"단지 {number % 7}" for number in range(700)]
    found = assign_folds(texts(700), groups, classes(700, 0.05), None, seed=1)
    assert found is not None
    assert found.by_group
    assert len(set(found.numbers.tolist())) == 5


def test_groups_and_equal_texts_stay_within_a_fold() -> None:
    groups = [f"단지 {number % 40}" if number % 3 else "" for number in range(1_000)]
    own = [f"글 {number // 2}" for number in range(1_000)]
    found = assign_folds(own, groups, classes(1_000, 0.3), 5, seed=1)
    assert found is not None
    assert found.by_group
    folds = defaultdict(set)
    for text, group, fold in zip(own, groups, found.numbers.tolist(), strict=True):
        folds[group or text].add(fold)
    assert {len(numbers) for numbers in folds.values()} == {1}
    sizes = Counter(found.numbers.tolist())
    assert len(sizes) == 5
    assert max(sizes.values()) < 2 * min(sizes.values())


@pytest.mark.parametrize(
    "groups", [["하나", "둘"], ["하나"] * 9 + ["둘"], ["가", "나", "다", "라"]]
)
def test_too_few_or_uneven_groups_are_divided(groups: list[str]) -> None:
    own = [groups[number % len(groups)] for number in range(200)]
    found = assign_folds(texts(200), own, classes(200, 0.3), 5, seed=1)
    assert found is not None
    assert not found.by_group
    assert set(Counter(found.numbers.tolist()).values()) == {40}


def test_a_class_of_few_texts_has_fewer_folds_or_none() -> None:
    for rare, folds in ((5, 5), (4, 4), (3, 3), (2, None)):
        of = [0] * rare + [1] * 100
        found = assign_folds(texts(len(of)), [""] * len(of), of, 5, seed=1)
        if folds is None:
            assert found is None
        else:
            assert found is not None
            assert sorted(found.numbers[:rare].tolist()) == list(range(folds))


def test_most_reviews_keep_their_fold_when_some_are_added() -> None:
    of = classes(1_000, 0.3)
    before = assign_folds(texts(900), [""] * 900, of[:900], 5, seed=1)
    after = assign_folds(texts(1_000), [""] * 1_000, of, 5, seed=1)
    assert before is not None
    assert after is not None
    assert (before.numbers == after.numbers[:900]).mean() > 0.6
