"""Flows with few requests to the Prefect server: no heartbeats, no tags on tasks."""

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
    """Decorator that makes a flow of a function; its subflows and tasks run in :func:`quiet`.

    Args:
        flow_run_name: Template for the names of flow runs, as in :func:`prefect.flow`.
        name: Name of the flow; None for the name of the function.
    """

    def decorate(body: Callable[P, R]) -> Flow[P, R]:
        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with quiet():
                return body(*args, **kwargs)

        # Resolve annotations here: Prefect would resolve them in this module's namespace.
        run.__dict__["__signature__"] = inspect.signature(body, eval_str=True)
        return prefect.flow(name=name, flow_run_name=flow_run_name)(run)

    return decorate


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Disable tags and heartbeats for flow and task runs that start in the block.

    Prefect requests a concurrency limit for each tag of a task, and a flow waits up to a second
    for its heartbeat thread to stop. Heartbeats stay enabled if the user has set their frequency.
    """
    with (
        TagsContext(),
        temporary_settings(set_defaults={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield
