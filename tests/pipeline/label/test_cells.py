from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.label.cells import original, protect
from pipeline.storage.formulas import neutralised

CSV, JSONL = Path("a.csv"), Path("a.jsonl")
CELLS = st.text("'=-+@＝\"0123456789Ee가 \t", max_size=20)


@pytest.mark.parametrize(
    "cell", ["=1+1", "-좋아요", "@나", "+1", "007", "1234567890123456", "1e5", "＝1"]
)
def test_what_a_spreadsheet_would_change_begins_with_an_apostrophe(cell: str) -> None:
    assert protect(cell, CSV) == f"'{cell}"
    assert protect(cell, Path("a.TSV.gz")) == f"'{cell}"
    assert protect(cell, JSONL) == cell


@pytest.mark.parametrize("cell", ["", "좋아요", "12", "row 3", "'인용'"])
def test_other_cells_stay(cell: str) -> None:
    assert protect(cell, CSV) == cell


@given(CELLS)
def test_the_original_comes_back(cell: str) -> None:
    for path in (CSV, JSONL):
        assert original(protect(cell, path), path) == cell
    assert neutralised(protect(cell, CSV)) == protect(cell, CSV)
