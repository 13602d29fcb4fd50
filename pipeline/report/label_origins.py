"""Where the labels of a run come from, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.report.phrases import Phrases

ORIGINS = ("hand", "source", "ratings")


def label_origins(counts: Mapping[str, int], say: Phrases) -> str:
    """How many labels were given by hand, come from the source, or were made from ratings.

    Args:
        counts: Number of labelled examples by origin, one of ``ORIGINS``.
        say: Texts in the language of the page.
    """
    parts = [say(f"labels_{one}", count=counts[one]) for one in ORIGINS if counts.get(one)]
    return say("labels_origins", origins=", ".join(parts))
