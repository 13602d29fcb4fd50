"""Prefect task runners: threads or a Dask cluster."""

from __future__ import annotations

import logging
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.errors import SettingsError
from pipeline.runtime import count_workers
from pipeline.settings import RunnerSettings

logger = logging.getLogger("pipeline.dask")


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
        workers = count_workers(settings.workers)
        return DaskTaskRunner(cluster_class=lambda: _local_cluster(workers))
    try:
        Client(settings.address, timeout=10, set_as_default=False).close()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no Dask scheduler responds at {settings.address}; "
            "start one with `dask scheduler` or leave runner.address empty"
        ) from error
    return DaskTaskRunner(address=settings.address)


def _local_cluster(workers: int) -> Any:
    """A Dask cluster on loopback that other accounts of this machine cannot use.

    Anyone who can connect to a Dask scheduler or worker can run code on it, so all of them require
    a certificate that only this process and its workers have. Their HTTP servers have no pages.
    """
    from dask import config
    from distributed import LocalCluster

    logger.info("starting a Dask cluster with %d worker processes", workers)
    no_pages: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with config.set(no_pages):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            security=True,  # a temporary certificate, required on both sides
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        )
