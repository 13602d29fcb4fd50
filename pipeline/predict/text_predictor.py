"""Interface of all predictors of raw texts."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from pipeline.target.base import Predicted, Target, rounded

_SYLLABLE = re.compile("[가-힣]")
"""Characters that cleaning never removes."""


class TextPredictor(ABC):
    """Interface of a predictor of raw texts.

    Attributes:
        target: The prediction target.
        clean: Text normalization.
        digest: Digest of the model; empty if a text's prediction depends on the other texts.
    """

    target: Target
    clean: CleanSettings
    digest: str = ""

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> Predicted:
        """Predict raw texts.

        Returns:
            Shape (texts,) or, for a target with several outputs, (texts, outputs).
        """

    def adapted_to(self, texts: Iterable[str]) -> TextPredictor:
        """A predictor for these raw texts only, if there is a better one for them; else itself."""
        return self

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Predict raw texts as the target's columns, with rounded numbers.

        The columns of blank texts are None, see :meth:`is_blank`.
        """
        known = self.with_text(texts)
        predicted = self.predict([texts[index] for index in known]) if known else None
        return self.as_answers(len(texts), known, predicted)

    def with_text(self, texts: Sequence[str]) -> list[int]:
        """Indexes of the raw texts that are not blank."""
        return [index for index, text in enumerate(texts) if not self.is_blank(text)]

    def as_answers(
        self, texts: int, known: Sequence[int], predicted: Predicted | None
    ) -> list[dict[str, Any]]:
        """The answers for all texts, given the predictions of the texts that are not blank."""
        answers: list[dict[str, Any]] = [dict.fromkeys(self.target.columns) for _ in range(texts)]
        if predicted is not None:
            for index, answer in zip(known, self.target.answers(predicted), strict=True):
                answers[index] = rounded(answer)
        return answers

    def is_blank(self, text: str) -> bool:
        """Whether cleaning leaves nothing of a text, such as a link or invisible characters."""
        return not (_SYLLABLE.search(text) or clean(text, self.clean))

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict chunks of texts lazily; see :meth:`answers`."""
        return map(self.answers, chunks)
