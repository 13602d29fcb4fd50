"""Settings of task runner, schedule, dashboard and notifications."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from pipeline.settings.reading import TimeZone
from pipeline.settings.section import Section

LOGIN = r"[!-9;-~][ -9;-~]*:[ -~]+"
"""``user:password``, of printable ASCII characters."""
MAX_ALERT_WORD = 50
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9.-]+", name):
            raise ValueError(f"{name!r} is not a host name; write reviews.example.com")
    return tuple(name.lower() for name in names)


HostNames = Annotated[tuple[str, ...], AfterValidator(_host_names)]


class RunnerSettings(Section):
    """Parallel execution. Does not affect results."""

    kind: Literal["threads", "dask"] = Field("threads", exclude=True)
    """Where tasks run: ``threads`` of this process, or the processes of a ``dask`` cluster."""
    workers: int | None = Field(None, ge=1, exclude=True)
    """Number of threads or Dask workers. Unset: the number of cores. With 1, a cross-validation
    does not start a second process."""
    address: str = Field("", exclude=True)
    """Address of a Dask scheduler (``tcp://host:8786``). Empty: start a local cluster for the
    duration of the run."""
    shared_url: str = Field("", exclude=True)
    """URL of a folder that all Dask workers can access, such as ``s3://bucket/path``, for task
    inputs and results; requires ``kind = "dask"``. Empty: the workers access the workspace
    directly."""

    @model_validator(mode="after")
    def _shares_with_workers(self) -> RunnerSettings:
        if self.shared_url and self.kind != "dask":
            raise ValueError('shared_url requires runner.kind = "dask"')
        if self.shared_url and "://" not in self.shared_url:
            raise ValueError(f"shared_url {self.shared_url!r} is not a URL; write s3://bucket/path")
        if urlsplit(self.shared_url).username is not None:
            raise ValueError("shared_url must not contain credentials; set them in the environment")
        return self


class ScheduleSettings(Section):
    """Schedules of the deployments that ``serve`` runs."""

    cron: str = Field("0 4 * * *", exclude=True)
    """Cron expression for crawling the source and predicting the new reviews."""
    train_cron: str = Field("0 5 * * 1", exclude=True)
    """Cron expression for crawling, training, evaluating and writing the report."""
    digest_cron: str = Field("0 9 * * 1", exclude=True)
    """Cron expression for sending the digest to ``notify.url``. Empty: never."""
    timezone: TimeZone = Field("Asia/Seoul", exclude=True)
    """IANA time zone of the cron expressions."""
    allow_overrides: tuple[str, ...] = Field((), exclude=True)
    """Keys that may be changed for a run that is started in the dashboard, such as
    ``train.epochs``. Only keys whose value is a number, a boolean or one of several fixed choices
    are allowed, and no keys of ``source``, ``store``, ``runner``, ``schedule``, ``dashboard``,
    ``api``, ``notify``, ``alerts`` and ``tracking``. Empty: no keys."""


class DashboardSettings(Section):
    """The workspace's Prefect server."""

    host: str = Field("127.0.0.1", exclude=True)
    """Address that the Prefect server listens on. Any address other than loopback requires
    ``auth``."""
    names: HostNames = Field((), exclude=True)
    """Additional host names under which browsers may open the dashboard, such as the name of a
    reverse proxy."""
    port: int = Field(4200, ge=1, le=65535, exclude=True)
    """Port of the Prefect server and its dashboard."""
    reports_port: int = Field(4201, ge=1, le=65535, exclude=True)
    """Port on which the reports are served; on loopback only."""
    auth: SecretStr = Field(SecretStr(""), exclude=True)
    """Login for the Prefect server and for the reports, as ``user:password``, in ASCII. Empty: a
    login is generated and kept in the workspace."""
    database_url: SecretStr = Field(SecretStr(""), exclude=True)
    """Database of the Prefect server, as ``postgresql+asyncpg://user:password@host/database``.
    Empty: a SQLite file in the workspace."""

    @field_validator("auth")
    @classmethod
    def _is_a_login(cls, auth: SecretStr) -> SecretStr:
        if (text := auth.get_secret_value()) and not re.fullmatch(LOGIN, text):
            raise ValueError("write it as user:password, in ASCII characters only")
        return auth

    @field_validator("database_url")
    @classmethod
    def _is_of_a_database(cls, url: SecretStr) -> SecretStr:
        if (text := url.get_secret_value()) and not text.startswith(
            ("postgresql+asyncpg://", "sqlite+aiosqlite:///")
        ):
            raise ValueError("write it as postgresql+asyncpg://user:password@host/database")
        return url

    @model_validator(mode="after")
    def _has_two_ports(self) -> DashboardSettings:
        if self.port == self.reports_port:
            raise ValueError(f"port and reports_port are both {self.port}; change one of them")
        return self

    @model_validator(mode="after")
    def _is_guarded(self) -> DashboardSettings:
        if self.host not in LOOPBACK and not self.auth.get_secret_value():
            raise ValueError(
                f"host {self.host} exposes the server to the network: set dashboard.auth to "
                "user:password, with the environment variable REVIEW_SENTIMENT_DASHBOARD__AUTH"
            )
        return self


NotifyForm = Literal["plain", "slack", "teams", "kakaowork"]


class NotifySettings(Section):
    """Notifications about failed runs, drift, rejected models and alerts, and the digest."""

    url: SecretStr = Field(SecretStr(""), exclude=True)
    """URL of a webhook that accepts JSON. Empty: no notifications."""
    form: NotifyForm = Field("plain", exclude=True)
    """Format of the JSON: ``plain`` has the keys ``event`` and ``text``, ``slack`` and
    ``kakaowork`` have blocks, and ``teams`` has an Adaptive Card for a workflow."""


def _alert_words(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if not word.strip() or len(word) > MAX_ALERT_WORD:
            raise ValueError(f"{word!r} must have 1 to {MAX_ALERT_WORD} characters")
    return words


class AlertsSettings(Section):
    """Alerts that scheduled runs send to ``notify.url``; no alert is sent twice."""

    words: Annotated[tuple[str, ...], AfterValidator(_alert_words)] = Field(
        ("사고", "환불", "곰팡이"), max_length=100, exclude=True
    )
    """Words that cause an alert if a new or edited review contains one of them; at most 100 words
    of up to 50 characters. They are also found inside longer words, in upper or lower case. Empty:
    no words."""
    topics: bool = Field(True, exclude=True)
    """Send an alert if complaints about a topic are significantly more frequent in the last period
    than in the period before."""
    complaints: bool = Field(False, exclude=True)
    """Send an alert if new or edited reviews are complaints: by their rating or label, or because
    the model judges their text negative."""
