"""Makes the tokenizer selected by the settings."""

from __future__ import annotations

import threading
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import Tokenizer
from pipeline.tokenizer.okt import OktTokenizer

_lock = threading.Lock()
_shared: dict[tuple[TokenizerSettings, Path | None, int | None], Tokenizer] = {}


def make_tokenizer(
    settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
) -> Tokenizer:
    """Make the tokenizer for ``settings.name``.

    Args:
        settings: Tagger, options and filters.
        memo: Folder of Okt's word cache; None disables the cache.
        workers: Number of threads; None uses one per core.

    Raises:
        SettingsError: The tagger's package is not installed.
        RunError: The Java virtual machine cannot start.
    """
    if settings.name == "okt":
        return OktTokenizer(settings, memo, workers)
    from pipeline.tokenizer.text_tagger import WholeTextTokenizer

    return WholeTextTokenizer(settings, workers)


def shared_tokenizer(
    settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
) -> Tokenizer:
    """The process-wide tokenizer for these arguments; see :func:`make_tokenizer`."""
    with _lock:
        key = settings, memo, workers
        if key not in _shared:
            _shared[key] = make_tokenizer(*key)
        return _shared[key]


def close_shared() -> None:
    """Close and forget all shared tokenizers."""
    with _lock:
        while _shared:
            _shared.popitem()[1].close()
