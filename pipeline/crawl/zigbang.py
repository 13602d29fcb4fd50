"""Reviews of apartments from a JSON API: geohash cell -> complexes -> reviews.

The shape is that of Zigbang's public API. Fetching and parsing are apart: ``parse_*`` are pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.crawl.fetch import Fetcher
from pipeline.errors import SourceError
from pipeline.progress import track
from pipeline.records import ASPECTS, Review
from pipeline.settings import ZigbangSource

CELL_PATH = "/v2/aparts/items?domain=zigbang&geohash={cell}"
REVIEWS_PATH = "/property/apartments/{complex}/reviews/v1"
COMPLEX_LISTS = ("vrItems", "recommendItems", "items")
ASPECT_FIELDS = dict(zip(("traffic", "around", "care", "resident"), ASPECTS, strict=True))


def crawl_zigbang(settings: ZigbangSource, source: str, fetcher: Fetcher) -> Iterator[list[Review]]:
    """Yield the reviews of each complex of each cell."""
    complexes: dict[str, str] = {}
    with track("list cells", len(settings.cells)) as progress:
        for cell in settings.cells:
            complexes |= parse_cell(fetcher.get(settings.base_url + CELL_PATH.format(cell=cell)))
            progress.advance()
    with track("crawl complexes", len(complexes)) as progress:
        for complex_id, name in sorted(complexes.items()):
            page = fetcher.get(settings.base_url + REVIEWS_PATH.format(complex=complex_id))
            yield parse_reviews(page, source=source, complex_id=complex_id, complex_name=name)
            progress.advance()


def parse_cell(text: str) -> dict[str, str]:
    """Names of a cell's complexes by their id.

    Raises:
        SourceError: The answer has another shape.
    """
    answer = _parse(text)
    if not any(name in answer for name in COMPLEX_LISTS):
        raise _other_shape("one of " + ", ".join(COMPLEX_LISTS), answer)
    items = [item for name in COMPLEX_LISTS for item in answer.get(name) or []]
    return {
        str(_field(item, "areaDanjiId")): str(item.get("areaDanjiName") or "") for item in items
    }


def parse_reviews(text: str, *, source: str, complex_id: str, complex_name: str) -> list[Review]:
    """The reviews of one complex: each whole, and each aspect that has a text of its own.

    Raises:
        SourceError: The answer has another shape.
    """
    reviews = []
    for item in _field(_parse(text), "data"):
        ratings = {
            aspect: float(item[f"{field}Score"])
            for field, aspect in ASPECT_FIELDS.items()
            if item.get(f"{field}Score") is not None
        }
        whole: dict[str, Any] = {
            "source": source,
            "review_id": str(_field(item, "id")),
            "group": complex_id,
            "group_name": complex_name,
            "date": str(item.get("date") or "")[:10],
        }
        reviews.append(
            Review(
                **whole,
                text=str(_field(item, "desc") or ""),
                rating=float(_field(item, "score")),
                aspect_ratings=ratings,
            )
        )
        for field, aspect in ASPECT_FIELDS.items():
            if item.get(f"{field}Desc"):
                own_text, rating = str(item[f"{field}Desc"]), ratings.get(aspect)
                reviews.append(Review(**whole, text=own_text, rating=rating, aspect=aspect))
    return reviews


def _parse(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise SourceError(f"the site answered with no JSON but {text[:60]!r}") from error
    if not isinstance(answer, dict):
        raise SourceError(f"the site answered with no JSON object but {text[:60]!r}")
    return answer


def _field(item: Any, name: str) -> Any:
    if not isinstance(item, dict) or name not in item:
        raise _other_shape(name, item)
    return item[name]


def _other_shape(wanted: str, found: Any) -> SourceError:
    keys = ", ".join(map(str, found)) if isinstance(found, dict) else repr(found)[:60]
    return SourceError(
        f"the site's answer has no field {wanted}; it has: {keys or 'nothing'}; "
        "its API may have changed"
    )
