"""The library: turns Korean reviews into a sentiment model and a report.

The stages are plain Python and do not depend on Prefect. A trained model classifies new texts:

>>> from pipeline import load_model
>>> model = load_model(workspace="data/workspace")  # the champion
>>> [answer["label"] for answer in model.answers(["조용하고 좋아요", "시끄럽고 싫어요"])]
['positive', 'negative']

Settings are read as the command line reads them:

>>> from pipeline import load_settings
>>> load_settings(overrides=["train.epochs=3"]).train.epochs
3

Names are imported on first use, so ``import pipeline`` itself loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.errors import (
        DataError,
        FetchError,
        GoneError,
        InputError,
        ReviewSentimentError,
        RunError,
        SettingsError,
        SourceError,
        WorkspaceError,
    )
    from pipeline.predict.load import load_model
    from pipeline.predict.predictor import Predictor
    from pipeline.settings import Settings, load_settings
    from pipeline.storage.workspace import Workspace

    __version__: str

__all__ = [
    "DataError",
    "FetchError",
    "GoneError",
    "InputError",
    "Predictor",
    "ReviewSentimentError",
    "RunError",
    "Settings",
    "SettingsError",
    "SourceError",
    "Workspace",
    "WorkspaceError",
    "__version__",
    "load_model",
    "load_settings",
]

_MODULES = {
    "Predictor": "pipeline.predict.predictor",
    "Settings": "pipeline.settings",
    "Workspace": "pipeline.storage.workspace",
    "load_model": "pipeline.predict.load",
    "load_settings": "pipeline.settings",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("review-sentiment")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, "pipeline.errors")), name)
