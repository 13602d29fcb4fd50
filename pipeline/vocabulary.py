"""The vocabulary: which integer stands for which token."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipeline.settings import VocabularySettings
from pipeline.workspace import write_json

VERSION = 1
PAD, UNKNOWN = 0, 1
PAD_TOKEN, UNKNOWN_TOKEN = "<pad>", "<unk>"


class Vocabulary:
    """Tokens by rank of frequency; ``<pad>`` is 0, ``<unk>`` is 1, the most frequent token 2."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = [PAD_TOKEN, UNKNOWN_TOKEN, *tokens]
        self._ids = {token: index for index, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"

    @classmethod
    def build(cls, texts: Iterable[Iterable[str]], settings: VocabularySettings) -> Vocabulary:
        """Keep the most frequent tokens; of equally frequent ones, the first in code order."""
        counts: Counter[str] = Counter()
        for tokens in texts:
            counts.update(tokens)
        for reserved in (PAD_TOKEN, UNKNOWN_TOKEN):
            del counts[reserved]
        kept = [token for token, count in counts.items() if count >= settings.min_count]
        kept.sort(key=lambda token: (-counts[token], token))
        return cls(kept[: settings.size - 2])

    def encode(self, tokens: Iterable[str], max_length: int) -> list[int]:
        """The integers of the first ``max_length`` tokens; a lone ``<unk>`` for no token."""
        ids = [self._ids.get(token, UNKNOWN) for token in tokens]
        return ids[:max_length] or [UNKNOWN]

    def save(self, path: Path) -> None:
        """Write the tokens as a JSON list, in the order of their integers."""
        write_json(path, self.tokens)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what :meth:`save` wrote."""
        return cls(json.loads(path.read_text(encoding="utf-8"))[2:])
