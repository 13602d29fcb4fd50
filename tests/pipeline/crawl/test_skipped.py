"""Counted reasons in the singular and plural."""

import pytest

from pipeline.crawl.skipped import counted, explain, not_understood


@pytest.mark.parametrize(
    ("count", "reason", "words"),
    [
        (1, "rating is not understood", "1 rating not understood"),
        (7, "rating is not understood", "7 ratings not understood"),
        (1_200, "missing text", "1,200 missing texts"),
        (2, "repeated id", "2 repeated ids"),
        (1, "no text", "1 without a text"),
        (3, "skipped by source.values", "3 skipped by source.values"),
    ],
)
def test_numbers_agree_with_their_reasons(count: int, reason: str, words: str) -> None:
    assert counted(count, reason) == words
    assert explain({reason: count}, {reason: "line 3"}) == f"{words} (first in line 3)"


def test_unread_values_agree_with_their_number() -> None:
    assert not_understood("dates", 1) == "date not understood"
    assert not_understood("ratings", 2) == "ratings not understood"
