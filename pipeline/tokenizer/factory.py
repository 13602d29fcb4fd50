"""The tokenizer that the settings name."""

from __future__ import annotations

import threading
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import Tokenizer
from pipeline.tokenizer.okt import OktTokenizer
from pipeline.tokenizer.text_tagger import WholeTextTokenizer

_lock = threading.Lock()
_shared: dict[tuple[TokenizerSettings, Path | None, int | None], Tokenizer] = {}


def make_tokenizer(
    settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
) -> Tokenizer:
    """Make the tokenizer that ``settings.name`` names.

    Args:
        settings: Tagger, options and filters.
        memo: Folder where Okt's tokens of words are kept between runs.
        workers: Threads; unset: one for each core.

    Raises:
        SettingsError: The package of the tagger is not installed.
    """
    if settings.name == "okt":
        return OktTokenizer(settings, memo, workers)
    return WholeTextTokenizer(settings, workers)


def shared_tokenizer(
    settings: TokenizerSettings, memo: Path | None = None, workers: int | None = None
) -> Tokenizer:
    """The one tokenizer of this process for these arguments; see :func:`make_tokenizer`."""
    with _lock:
        key = settings, memo, workers
        if key not in _shared:
            _shared[key] = make_tokenizer(*key)
        return _shared[key]


def close_shared() -> None:
    """Close all shared tokenizers; the next call of :func:`shared_tokenizer` makes a new one."""
    with _lock:
        while _shared:
            _shared.popitem()[1].close()
