"""The explanation stage: explains a network's predictions on many examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels
from pipeline.explain import ngram_contributions as wide
from pipeline.explain.alignment import align, segments
from pipeline.explain.drivers import Explained, drivers
from pipeline.explain.integrated_gradients import attributions, ngram_weights
from pipeline.explain.neighbours import neighbours
from pipeline.explain.records import AspectDrivers, Drivers, HardExample
from pipeline.predict.networks import Network
from pipeline.prepare.sequences import Sequences
from pipeline.target.base import Predicted, Targets, rounded
from pipeline.tokenizer.pos import kinds

EXPLANATION_VERSION = 4
SCHEMA_VERSION = 1
"""Schema version of ``explanation.json``."""
MOST_EXPLAINED = 4_000
"""Maximum number of examples that drivers are computed from; more are sampled."""
MIN_ASPECT_EXAMPLES = 100
"""Minimum number of examples of an aspect to compute its own drivers."""
LONGEST_TEXT = 600
"""Characters after which a text is truncated."""
MAX_LOOKUPS = 8
"""Number of single-word drivers in each direction whose related words are looked up."""


class Explainer(Network):
    """A network that explains its predictions."""

    def explain(
        self, texts: Sequence[str], tokens: Sequence[list[str]], memo: Path | None = None
    ) -> Iterator[Explained]:
        """Yield the kind of each token and its contribution to the logit, over both branches.

        Args:
            texts: Cleaned texts.
            tokens: Tokens of each text.
            memo: Folder of the on-disk cache of tagger output per word, if there is one.
        """
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        deep = attributions(self.model, sequences)
        of_wide: Iterator[tuple[Any, float]] | None = None
        if self.regression is not None:
            weights = ngram_weights(self.model)
            of_wide = wide.contributions(self.regression, weights, texts, tokens)
        of_kinds = kinds(texts, tokens, self.settings.tokenizer, memo)
        for row, (text, own, own_kinds) in enumerate(zip(texts, tokens, of_kinds, strict=True)):
            parts = np.zeros(len(own))
            read = deep[row][: len(own)]  # a text without tokens is encoded as one <unk>
            parts[: len(read)] += read
            if of_wide is not None:
                parts += next(of_wide)[0]
            yield Explained(text, own, align(text, own), own_kinds, parts)

    def related(self, found: Drivers) -> dict[str, list[tuple[str, float]]]:
        """Related words of the strongest single-word drivers; see :func:`neighbours`."""
        words = [
            driver["tokens"][0]
            for ranked in (found["up"], found["down"])
            for driver in [one for one in ranked if len(one["tokens"]) == 1][:MAX_LOOKUPS]
        ]
        return dict(neighbours(self.model, self.vocabulary, words))


def by_aspect(aspects: Sequence[str], explained: Sequence[Explained]) -> dict[str, AspectDrivers]:
    """Drivers of each aspect with at least ``MIN_ASPECT_EXAMPLES`` texts."""
    found: dict[str, AspectDrivers] = {}
    for aspect in sorted(set(aspects) - {""}):
        own = [text for name, text in zip(aspects, explained, strict=True) if name == aspect]
        if len(own) >= MIN_ASPECT_EXAMPLES:
            found[aspect] = {"texts": len(own), **drivers(own)}
    return found


def describe_errors(
    rows: npt.NDArray[np.intp],
    explained: Sequence[Explained],
    labels: Labels,
    predicted: dict[str, Predicted],
    doubtful: npt.NDArray[np.bool_],
    targets: Targets,
) -> list[HardExample]:
    """Describe the network's errors for the report.

    Args:
        rows: Row of each error among all examples.
        explained: Explained text of each error.
        labels: Labels of all examples.
        predicted: Predictions of all examples by ``network`` and by ``baseline``.
        doubtful: Mask of doubtful labels, over all examples.
        targets: The prediction target of each model.

    Returns:
        For each error the true ``label``, the predictions of ``network`` and ``baseline``,
        whether the label is ``doubtful``, and the text as ``pieces`` with their contributions.
    """
    answers = {name: targets[name].answers(one[rows]) for name, one in predicted.items()}
    return [
        {
            "label": truth,
            "network": rounded(answers["network"][index]),
            "baseline": rounded(answers["baseline"][index]),
            "doubtful": bool(doubtful[row]),
            "pieces": truncated(segments(text.text, text.spans, text.parts)),
        }
        for index, (row, text, truth) in enumerate(
            zip(rows, explained, targets["network"].truths(labels[rows]), strict=True)
        )
    ]


def truncated(pieces: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The first ``LONGEST_TEXT`` characters, followed by an ellipsis if truncated."""
    kept, left = [], LONGEST_TEXT
    for piece, part in pieces:
        kept.append((piece[:left], round(part, 2)))
        left -= len(piece)
        if left < 0:
            return [*kept, ("…", 0.0)]
    return kept
