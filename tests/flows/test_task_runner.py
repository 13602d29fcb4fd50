"""Who can use the Dask cluster that a run starts on its machine."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from distributed import Client, LocalCluster, Security
from distributed.comm.core import CommClosedError
from distributed.core import rpc

from flows.task_runner import task_runner
from pipeline.settings import RunnerSettings


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    runner: Any = task_runner(RunnerSettings(kind="dask", workers=1))
    with runner:
        yield runner.client.cluster


@pytest.fixture(scope="module")
def own(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster, set_as_default=False) as client:
        yield client


@pytest.fixture(scope="module")
def addresses(own: Client) -> list[str]:
    """Of the scheduler, its worker and the worker's nanny."""
    info = own.scheduler_info()
    ((worker, described),) = info["workers"].items()
    return [info["address"], worker, described["nanny"]]


def identity(address: str, **connection: Any) -> Any:
    """Ask a server of Dask who it is, as a client does before it submits tasks."""

    async def ask() -> Any:
        async with rpc(address, connection_args=connection, timeout=3) as server:
            return await server.identity()

    return asyncio.run(ask())


def trusting(security: Security | None = None) -> ssl.SSLContext:
    """A client that accepts every server, with a certificate of its own or none."""
    own = security and security.get_connection_args("client")["ssl_context"]
    context = own or ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def test_the_run_can_use_it(cluster: LocalCluster, own: Client, addresses: list[str]) -> None:
    assert own.submit(os.getpid).result(timeout=60) != os.getpid()
    for address in addresses:
        assert identity(address, **cluster.security.get_connection_args("client"))["id"]


def test_others_without_encryption_are_refused(addresses: list[str]) -> None:
    for address in addresses:
        with pytest.raises(CommClosedError):
            identity(address.replace("tls://", "tcp://"))


@pytest.mark.parametrize("security", [None, Security.temporary()], ids=["none", "another"])
def test_others_without_its_certificate_are_refused(
    addresses: list[str], security: Security | None
) -> None:
    for address in addresses:
        assert address.startswith("tls://127.0.0.1:")
        with pytest.raises(CommClosedError):
            identity(address, ssl_context=trusting(security))


def test_http_servers_show_nothing(own: Client) -> None:
    info = own.scheduler_info()
    (worker,) = info["workers"].values()
    for port in (info["services"]["dashboard"], worker["services"]["dashboard"]):
        for page in ("info/main/workers.html", "json/identity.json", "metrics", "status"):
            assert requests.get(f"http://127.0.0.1:{port}/{page}", timeout=60).status_code == 404
