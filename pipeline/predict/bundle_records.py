"""The content of a bundle's ``manifest.json`` and ``metrics.json``."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from pipeline.evaluate.records import Figure
from pipeline.redact import printable
from pipeline.storage.manifest import Manifest

Figures = dict[str, dict[str, Figure]]
"""Figures by model and by name."""


class BundleDetails(BaseModel):
    """The details of a model that its bundle includes: what it is, and how it was trained.

    Attributes:
        data: SHA-256 of its training examples.
        versions: Versions of packages when it was trained.
    """

    model_config = ConfigDict(frozen=True)

    kind: str = ""
    tagger: str = ""
    examples: int | None = None
    parameters: int | None = None
    starter: str = ""
    branches: dict[str, float] = {}
    temperature: float | None = None
    data: str = ""
    versions: dict[str, str] = {}


class BundleManifest(Manifest):
    """``manifest.json`` of a bundle; it can also be read as the manifest of a stage.

    Attributes:
        schema_version: ``BUNDLE_SCHEMA`` of the program that wrote it.
    """

    schema_version: int


class BundleMetrics(BaseModel):
    """``metrics.json`` of a bundle: fields of :class:`Version`, and figures.

    Attributes:
        figures: Figures of ``network`` and ``baseline`` on the tested reviews, with intervals;
            empty if the workspace no longer has them.
        folds: Number of folds of the cross-validation; 0 if a test split was used.
    """

    model_config = ConfigDict(frozen=True)

    source: Annotated[str, AfterValidator(printable)] = ""
    made: str = ""
    metric: str = ""
    network: FiniteFloat | None = None
    baseline: FiniteFloat | None = None
    rule: str = ""
    passed: FiniteFloat | None = None
    figures: Figures = {}
    folds: int = Field(0, ge=0)
