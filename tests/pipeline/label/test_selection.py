import numpy as np

from pipeline.label.selection import choose

TEXTS = [f"리뷰 {number}" for number in range(1_000)]
POSITIVE = np.linspace(0, 1, 1_000)


def test_half_of_the_choice_are_the_most_uncertain_texts() -> None:
    chosen = choose(TEXTS, POSITIVE, 100)
    assert len(set(chosen)) == 100
    nearest = {at for at in range(1_000) if abs(at - 499.5) < 25}
    assert nearest <= set(chosen)
    others = sorted(set(chosen) - nearest)
    assert others[0] < 100
    assert others[-1] > 900
    assert 15 < len(nearest & set(chosen[:50])) < 35, "both halves are mixed"


def test_the_choice_depends_on_the_texts_and_not_on_their_order() -> None:
    chosen = [TEXTS[at] for at in choose(TEXTS, POSITIVE, 10)]
    assert [TEXTS[::-1][at] for at in choose(TEXTS[::-1], POSITIVE[::-1], 10)] == chosen


def test_all_are_chosen_where_there_are_few() -> None:
    assert sorted(choose(TEXTS[:3], POSITIVE[:3], 100)) == [0, 1, 2]
    assert len(choose(TEXTS, POSITIVE, 1)) == 1
