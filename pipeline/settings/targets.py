"""Settings of sites that list the reviews of each target: a game, an app, a product."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pydantic import field_validator

from pipeline.settings.paths import find_path
from pipeline.settings.sites import SiteSection

TARGET, PAGE = "{target}", "{page}"
"""Places for a target and a page number in addresses."""

MAX_LISTED = 5
"""Number of targets that the title of a source names."""

Targets = tuple[str, ...] | dict[str, str] | Path


class TargetSection(SiteSection):
    """Settings of sites that may list the reviews of many targets."""

    targets: Targets = ()
    """Targets to crawl, each with its own list: ids that replace ``{target}``, ids with names
    (``{ "578080" = "PUBG" }``), or the path of a CSV, TSV or text file with an id and,
    optionally, a name in each line. The id becomes the group of the reviews. Empty: a single
    list."""

    @field_validator("targets")
    @classmethod
    def _not_blank(cls, targets: Targets) -> Targets:
        if isinstance(targets, Path):
            return find_path(targets)
        if not all(target.strip() for target in targets):
            raise ValueError("a target is empty: remove it")
        return targets

    @property
    def has_targets(self) -> bool:
        """Whether the site has a list for each of several targets."""
        return self.targets not in ((), {})

    @property
    def listed(self) -> str:
        """The first targets, by name, and the number of the others."""
        if isinstance(self.targets, Path):
            return self.targets.name
        named = self.targets if isinstance(self.targets, dict) else dict.fromkeys(self.targets, "")
        first = [name or target for target, name in islice(named.items(), MAX_LISTED)]
        rest = len(named) - len(first)
        return ", ".join(first) + (f" and {rest:,} more" if rest else "")


def check_places(places: dict[str, str], *, targets: bool, pages: bool) -> None:
    """Check that a source's settings contain ``{target}`` and ``{page}`` if and only if needed.

    Args:
        places: Settings that may contain them, by name.
        targets: Whether there are targets.
        pages: Whether the pages are counted in ``{page}``.

    Raises:
        ValueError: A place is missing, or there is nothing to insert in it.
    """
    found = {
        place: [name for name, text in places.items() if place in text] for place in (TARGET, PAGE)
    }
    if targets and not found[TARGET]:
        others = ", ".join(f"source.{name}" for name in places if name != "url")
        raise ValueError(f"targets need {TARGET} in source.url, or in {others}")
    if not targets and found[TARGET]:
        raise ValueError(f"source.{found[TARGET][0]} has {TARGET}: set source.targets")
    if found[PAGE] and not pages:
        raise ValueError(
            f"source.{found[PAGE][0]} has {PAGE}: "
            "set source.paging without a parameter or link, so that it counts the pages"
        )
