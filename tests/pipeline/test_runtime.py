"""Set-up of the process."""

import gc
from collections.abc import Iterator

import pytest

from pipeline.runtime import freeze_new, frozen_objects, importing


@pytest.fixture
def nothing_frozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.usefixtures("nothing_frozen")
def test_blocks_within_a_block_leave_later_objects_to_garbage_collection() -> None:
    with frozen_objects():
        frozen = gc.get_freeze_count()
        assert frozen > 0
        later: list[list[int]] = [[] for _ in range(10_000)]
        with frozen_objects():
            assert gc.get_freeze_count() < frozen + len(later)
        assert gc.get_freeze_count() > frozen - 1_000
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("nothing_frozen")
def test_what_is_made_for_a_block_is_exempt_too() -> None:
    with frozen_objects():
        frozen = gc.get_freeze_count()
        made: list[list[int]] = freeze_new(lambda: [[] for _ in range(10_000)])
        assert gc.get_freeze_count() > frozen + len(made) - 1_000
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("nothing_frozen")
def test_what_others_froze_stays_frozen_and_nothing_is_added() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    later: list[list[int]] = [[] for _ in range(10_000)]
    with frozen_objects():
        later += freeze_new(lambda: [[] for _ in range(10_000)])
        assert gc.get_freeze_count() < frozen + 1_000
    assert gc.get_freeze_count() > frozen - 1_000


def test_what_is_imported_is_left_out_of_garbage_collection() -> None:
    frozen = gc.get_freeze_count()
    with importing():
        assert not gc.isenabled()
        kept: list[list[int]] = [[] for _ in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)
