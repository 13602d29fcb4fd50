import math

import pytest

from pipeline.storage.cells import cell_text


@pytest.mark.parametrize(
    "cell",
    [
        *(None, "", " \t", math.nan, " NaN\n"),
        *("None", "nan", "NaN", "NaT", "<NA>", "NULL", "null", r"\N", "#N/A", "N/A", "n/a", "NA"),
    ],
)
def test_what_programs_write_for_a_missing_value_is_missing(cell: object) -> None:
    assert cell_text(cell) == ""


@pytest.mark.parametrize(
    "cell",
    ["none", "NONE", "Null", "NULL 값이네요", "Nan", "난", "nan이 최고", "-", "0", 0, 0.0, False],
)
def test_words_and_numbers_are_not_missing(cell: object) -> None:
    assert cell_text(cell)


def test_white_space_around_a_text_is_dropped() -> None:
    assert cell_text("  좋아요 \n") == "좋아요"
    assert (cell_text(1.0), cell_text(True)) == ("1.0", "True")
