"""Prefect task runners: threads or a Dask cluster."""

from __future__ import annotations

from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.errors import SettingsError
from pipeline.runtime import count_workers
from pipeline.settings import RunnerSettings


def task_runner(settings: RunnerSettings) -> TaskRunner[Any]:
    """The task runner for ``runner.kind``.

    Raises:
        SettingsError: prefect-dask is not installed, or the Dask scheduler does not respond.
    """
    if settings.kind == "dask":
        return _dask(settings)
    return ThreadPoolTaskRunner(max_workers=count_workers(settings.workers))


def _dask(settings: RunnerSettings) -> TaskRunner[Any]:
    try:
        from distributed import Client
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise SettingsError(
            "runner.kind = dask needs the package prefect-dask: "
            "run pip install 'review-sentiment[dask]'"
        ) from error
    if not settings.address:
        cluster = {
            "n_workers": count_workers(settings.workers),
            "threads_per_worker": 1,
            "host": "127.0.0.1",
            "dashboard_address": None,
        }
        return DaskTaskRunner(cluster_kwargs=cluster)
    try:
        Client(settings.address, timeout=10, set_as_default=False).close()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no Dask scheduler responds at {settings.address}; "
            "start one with `dask scheduler` or leave runner.address empty"
        ) from error
    return DaskTaskRunner(address=settings.address)
