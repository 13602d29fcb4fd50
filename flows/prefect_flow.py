"""Flows that ask no more of the Prefect server than they must."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import prefect
from prefect import Flow
from prefect.context import TagsContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

P = ParamSpec("P")
R = TypeVar("R")


def flow(*, flow_run_name: str, name: str | None = None) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a flow of a function; the flows and tasks that it calls are :func:`quiet`."""

    def decorate(body: Callable[P, R]) -> Flow[P, R]:
        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with quiet():
                return body(*args, **kwargs)

        # Prefect looks the types of parameters up, and would do so in this module.
        run.__dict__["__signature__"] = inspect.signature(body, eval_str=True)
        return prefect.flow(name=name, flow_run_name=flow_run_name)(run)

    return decorate


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Runs that begin in the block have no tags and send no heartbeats.

    For each tag of a task Prefect asks the server for a concurrency limit, and at its end a flow
    waits up to a second for the thread that sends heartbeats. A user who has set how often they
    are sent gets them.
    """
    with (
        TagsContext(),
        temporary_settings(set_defaults={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield
