"""Set-up of the process."""

import gc
from collections.abc import Iterator

import pytest

from pipeline import runtime
from pipeline.runtime import freeze_new, frozen_objects, importing


@pytest.fixture
def nothing_frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runtime, "_others_froze", False)
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


@pytest.mark.usefixtures("nothing_frozen")
def test_what_others_froze_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.freeze()
    counts = iter([gc.get_freeze_count()])
    monkeypatch.setattr(gc, "get_freeze_count", lambda: next(counts))
    for _ in range(3):
        with frozen_objects():
            pass


def test_what_is_imported_is_left_out_of_garbage_collection() -> None:
    frozen = gc.get_freeze_count()
    with importing():
        assert not gc.isenabled()
        kept: list[list[int]] = [[] for _ in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)
