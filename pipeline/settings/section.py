"""Base class of the sections of the settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen group of settings that rejects unknown keys.

    Fields with ``exclude=True`` do not affect results. They are not part of cache keys and are
    not saved with a model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)
