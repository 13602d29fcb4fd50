"""Where the labels of a run come from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.report.phrases import Phrases

ORIGINS = ("hand", "source", "ratings")


def label_origins(examples: Mapping[str, Any], say: Phrases) -> str:
    """How many labels were given by hand, come from the source, or were made from ratings.

    Args:
        examples: Details of the labelling manifest.
        say: Texts in the language of the page.
    """
    counts, neutral = examples["origins"], examples["neutral_labels"]
    parts = [say(f"labels_{one}", count=counts[one]) for one in ORIGINS if counts.get(one)]
    sentence = say("labels_origins", origins=", ".join(parts))
    return f"{sentence} {say('labels_neutral', count=neutral)}" if neutral else sentence
