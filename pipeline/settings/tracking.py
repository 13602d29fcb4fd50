"""Settings of experiment tracking."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from pipeline.settings.section import Section


class TrackingSettings(Section):
    """Runs and models in MLflow; requires the extra ``mlflow``."""

    mlflow_uri: SecretStr = Field(SecretStr(""), exclude=True)
    """URL of an MLflow server, such as ``https://user:password@mlflow.example.com``. Each
    evaluation is logged there: settings, metrics, report, model card and a version of the model
    ``review-sentiment``, with the alias ``champion`` if it was promoted. Empty: no logging to
    MLflow."""

    @field_validator("mlflow_uri")
    @classmethod
    def _is_of_a_server(cls, uri: SecretStr) -> SecretStr:
        if text := uri.get_secret_value():
            parts = urlsplit(text)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("write it as http://host:port or https://host")
        return uri
