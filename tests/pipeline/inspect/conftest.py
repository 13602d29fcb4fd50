"""A site for each test."""

from collections.abc import Iterator

import pytest

from tests.site import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served
