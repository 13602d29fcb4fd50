"""Settings of prediction over HTTP."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator, model_validator

from pipeline.settings.orchestration import LOOPBACK, HostNames
from pipeline.settings.section import Section

PRINTABLE = "[!-~]{16,}"
"""Printable ASCII characters without spaces."""


class ApiSettings(Section):
    """Prediction over HTTP with ``review-sentiment api``."""

    host: str = Field("127.0.0.1", exclude=True)
    """Address that the server listens on. Any address other than loopback requires ``token``."""
    names: HostNames = Field((), exclude=True)
    """Additional host names under which programs may reach the server, such as the name of a
    reverse proxy."""
    port: int = Field(4202, ge=1, le=65535, exclude=True)
    """Port that the server listens on."""
    token: SecretStr = Field(SecretStr(""), exclude=True)
    """Token that requests must send as ``Authorization: Bearer TOKEN``, at least 16 ASCII
    characters. Empty: no token; allowed on loopback only."""
    max_body_bytes: int = Field(1_048_576, ge=1_024, le=100_000_000, exclude=True)
    """Maximum size of a request's body, in bytes."""
    max_texts: int = Field(1_000, ge=1, le=20_000, exclude=True)
    """Maximum number of texts in a request."""
    max_characters: int = Field(5_000, ge=1, exclude=True)
    """Maximum length of a text, in characters."""

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        if (text := token.get_secret_value()) and not re.fullmatch(PRINTABLE, text):
            raise ValueError(
                "write at least 16 ASCII characters without spaces; `openssl rand -hex 32` "
                "generates a token"
            )
        return token

    @model_validator(mode="after")
    def _is_guarded(self) -> ApiSettings:
        if self.host not in LOOPBACK and not self.token.get_secret_value():
            raise ValueError(
                f"host {self.host} exposes the server to the network: set api.token with the "
                "environment variable REVIEW_SENTIMENT_API__TOKEN"
            )
        return self
