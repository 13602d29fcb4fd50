"""What the pages before tell about a page without items."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.crawl.sites.list_end import Trail, doubt_of
from pipeline.errors import SourceError


def trail_of(counts: Sequence[int], frame: str = "ul") -> Trail:
    trail = Trail()
    for count in counts:
        trail = trail.extended(count, frame)
    return trail


@pytest.mark.parametrize(
    ("counts", "parameters", "verdict"),
    [
        ([10, 10, 7], "p=4", "end"),
        ([10, 7], "p=3", "end"),
        ([10, 10], "p=3", "lost"),
        ([10], "p=2", "doubt"),
        ([2], "p=2", "doubt"),
        ([10], "limit=10&p=2", "lost"),
        ([10], "page[size]=10", "lost"),
        ([10], '{"perPage": 10}', "lost"),
        ([7], "limit=10", "doubt"),
        ([10, 9, 10, 9], "p=5", "doubt"),
        ([10, 9, 8], "p=4", "doubt"),
        ([7, 10, 10], "p=4", "doubt"),
        ([], "p=4", "doubt"),
    ],
)
def test_number_of_items_on_the_pages_before(
    counts: list[int], parameters: str, verdict: str
) -> None:
    trail = trail_of(counts)
    if verdict == "lost":
        with pytest.raises(SourceError, match="but the list goes on"):
            doubt_of(trail, "x", parameters=parameters, is_linked=False)
        unframed = doubt_of(trail_of(counts, ""), "x", parameters=parameters, is_linked=False)
        assert unframed == "x, the list may go on"
    else:
        doubt = doubt_of(trail, "x", parameters=parameters, is_linked=False)
        assert doubt == ("" if verdict == "end" else "x, the list may go on")
    with pytest.raises(SourceError, match="but the list goes on"):
        doubt_of(trail, "x", parameters=parameters, is_linked=True)
