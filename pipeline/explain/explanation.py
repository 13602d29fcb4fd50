"""What a trained network goes by, over the examples of a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels
from pipeline.explain import ngram_contributions as wide
from pipeline.explain.alignment import align, segments
from pipeline.explain.drivers import Explained, drivers
from pipeline.explain.integrated_gradients import attributions, ngram_weights
from pipeline.explain.neighbours import neighbours
from pipeline.predict.networks import Network
from pipeline.prepare.sequences import Sequences
from pipeline.target.kinds import Predicted, Target, rounded
from pipeline.tokenizer.pos import kinds

VERSION = 2
SCHEMA_VERSION = 1
"""Of ``explanation.json``."""
MOST_EXPLAINED = 4_000
"""Examples of all splits that the drivers are looked for in, drawn where there are more."""
FEWEST_OF_AN_ASPECT = 100
"""Examples of an aspect that its drivers are looked for in."""
LONGEST_ERROR = 600
"""Characters of a text that are shown of an error."""
ASKED = 8
"""Drivers of each direction whose related words are looked up."""


class Explainer(Network):
    """A network that says what it goes by."""

    def explain(self, texts: Sequence[str], tokens: Sequence[list[str]]) -> Iterator[Explained]:
        """Yield what each token of cleaned texts is and adds to the logit, by both branches."""
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        deep = attributions(self.model, sequences)
        of_wide: Iterator[tuple[Any, float]] | None = None
        if self.regression is not None:
            weights = ngram_weights(self.model)
            of_wide = wide.contributions(self.regression, weights, texts, tokens)
        of_kinds = kinds(texts, tokens, self.settings.tokenizer)
        for row, (text, own, its) in enumerate(zip(texts, tokens, of_kinds, strict=True)):
            parts = np.zeros(len(own))
            read = deep[row][: len(own)]  # a text without tokens is read as one unknown token
            parts[: len(read)] += read
            if of_wide is not None:
                parts += next(of_wide)[0]
            yield Explained(text, own, align(text, own), its, parts)

    def related(self, found: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
        """The words that are related to the strongest drivers."""
        asked = [
            driver["tokens"][0]
            for direction in ("up", "down")
            for driver in [one for one in found[direction] if len(one["tokens"]) == 1][:ASKED]
        ]
        return dict(neighbours(self.model, self.vocabulary, asked))


def by_aspect(aspects: Sequence[str], explained: Sequence[Explained]) -> dict[str, Any]:
    """The drivers among the texts of each aspect that enough of them are of."""
    found = {}
    for aspect in sorted(set(aspects) - {""}):
        own = [text for name, text in zip(aspects, explained, strict=True) if name == aspect]
        if len(own) >= FEWEST_OF_AN_ASPECT:
            found[aspect] = {"texts": len(own), **drivers(own)}
    return found


def describe_errors(
    rows: npt.NDArray[np.intp],
    explained: Sequence[Explained],
    labels: Labels,
    predicted: dict[str, Predicted],
    doubtful: npt.NDArray[np.bool_],
    target: Target,
) -> list[dict[str, Any]]:
    """The errors of the network for people to read.

    Args:
        rows: Of the errors among all examples.
        explained: Their texts.
        labels: Of all examples.
        predicted: By ``network`` and ``baseline``, of all examples.
        doubtful: Which labels are doubted, of all examples.
        target: What is predicted.

    Returns:
        Of each error the true ``label``, both models' answers, whether its label is
        ``doubtful``, and the text in ``pieces``, each with what it adds to the logit.
    """
    answers = {name: target.answers(one[rows]) for name, one in predicted.items()}
    return [
        {
            "label": truth,
            **{name: rounded(of_model[place]) for name, of_model in answers.items()},
            "doubtful": bool(doubtful[row]),
            "pieces": _cut(segments(text.text, text.spans, text.parts)),
        }
        for place, (row, text, truth) in enumerate(
            zip(rows, explained, target.truths(labels[rows]), strict=True)
        )
    ]


def _cut(pieces: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The first ``LONGEST_ERROR`` characters, and a mark where more followed."""
    kept, left = [], LONGEST_ERROR
    for piece, part in pieces:
        kept.append((piece[:left], round(part, 2)))
        left -= len(piece)
        if left < 0:
            return [*kept, ("…", 0.0)]
    return kept
