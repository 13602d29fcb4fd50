"""Settings of where and when runs happen, and of who hears of them."""

from __future__ import annotations

import zoneinfo
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from pipeline.settings.section import Section


class RunnerSettings(Section):
    """How many pieces of work are done at once; never changes what comes out."""

    kind: Literal["threads", "dask"] = Field("threads", exclude=True)
    """Threads of this process, or processes of a Dask cluster."""
    workers: int | None = Field(None, ge=1, exclude=True)
    """Unset: one for each core."""
    address: str = Field("", exclude=True)
    """Of a Dask scheduler; empty: a cluster on this machine for the time of the run."""
    shared_url: str = Field("", exclude=True)
    """Folder that all Dask workers reach, such as ``s3://bucket/path``, for pieces of work and
    their results; empty: they reach the workspace itself. Needs ``kind = "dask"``."""

    @model_validator(mode="after")
    def _shares_with_workers(self) -> RunnerSettings:
        if self.shared_url and self.kind != "dask":
            raise ValueError('shared_url is for the workers of runner.kind = "dask" alone')
        if self.shared_url and "://" not in self.shared_url:
            raise ValueError(f"shared_url {self.shared_url!r} is no URL; write s3://bucket/path")
        if urlsplit(self.shared_url).username is not None:
            raise ValueError("shared_url must hold no credentials; leave them in the environment")
        return self


class ScheduleSettings(Section):
    """When served runs begin."""

    cron: str = Field("0 4 * * *", exclude=True)
    """Crawl, and predict for the new reviews."""
    train_cron: str = Field("0 5 * * 1", exclude=True)
    """Crawl, train, evaluate and report."""
    timezone: str = Field("Asia/Seoul", exclude=True)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            raise ValueError(f"{name!r} is no time zone; write it as Asia/Seoul")
        return name


class DashboardSettings(Section):
    """Where the Prefect server of the workspace listens."""

    host: str = Field("127.0.0.1", exclude=True)
    port: int = Field(4200, ge=1, le=65535, exclude=True)
    reports_port: int = Field(4201, ge=1, le=65535, exclude=True)
    """Of the reports, which are served on loopback alone."""
    auth: SecretStr = Field(SecretStr(""), exclude=True)
    """``user:password`` that the server asks for; needed where others can reach it."""
    database_url: SecretStr = Field(SecretStr(""), exclude=True)
    """``postgresql+asyncpg://user:password@host/database``; empty: SQLite in the workspace."""

    @model_validator(mode="after")
    def _is_guarded(self) -> DashboardSettings:
        if self.host not in ("127.0.0.1", "::1", "localhost") and not self.auth.get_secret_value():
            raise ValueError(
                f"host {self.host} lets others reach the server: set dashboard.auth to "
                "user:password too, in the environment as REVIEW_SENTIMENT_DASHBOARD__AUTH"
            )
        return self


class NotifySettings(Section):
    """Who is told when a run fails or a model is not good enough."""

    url: SecretStr = Field(SecretStr(""), exclude=True)
    """Of a webhook that takes JSON with a ``text``; empty: nobody."""
