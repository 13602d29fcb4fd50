"""The values of the items of a list, by their place in an item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pipeline.inspect.scan import Scan

Names = Mapping[str, str]
"""Places of values by their name."""


class Items(NamedTuple):
    """The values of the items of a list.

    Attributes:
        scan: The values by place, without those of replies to a review.
        names: Places by name; the first mapping that has a usual name is used.
        called: The name of each place.
        own: Places of values that the item itself has, so that an ``id`` there is its own.
        inner: Places of values within other objects.
        others: Places of values of a person, or of what is reviewed.
    """

    scan: Scan
    names: tuple[Names, ...]
    called: Mapping[str, str]
    own: Collection[str]
    inner: Collection[str] = ()
    others: Collection[str] = ()
