"""Flows that start fast: without heartbeats, tags on tasks and parameter schemas."""

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

    Prefect does not validate the parameters: only this package calls these flows.

    Args:
        flow_run_name: Template for the names of flow runs, as in :func:`prefect.flow`.
        name: Name of the flow; None for the name of the function.
    """

    def decorate(body: Callable[P, R]) -> Flow[P, R]:
        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with quiet():
                return body(*args, **kwargs)

        # Without annotations, because Prefect would make a schema of all settings for each flow.
        run.__dict__["__signature__"] = _unannotated(inspect.signature(body))
        return prefect.flow(name=name, flow_run_name=flow_run_name, validate_parameters=False)(run)

    return decorate


def _unannotated(signature: inspect.Signature) -> inspect.Signature:
    none = inspect.Signature.empty
    bare = [one.replace(annotation=none) for one in signature.parameters.values()]
    return signature.replace(parameters=bare, return_annotation=none)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Disable tags and heartbeats for flow and task runs that start in the block.

    Prefect requests a concurrency limit for each tag of a task, and a flow waits up to a second
    for its heartbeat thread to stop. Heartbeats stay enabled if the user has set their frequency.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(TagsContext())
        if PREFECT_FLOWS_HEARTBEAT_FREQUENCY.value() is not None:  # a change takes 60 ms
            no_heartbeats = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
            stack.enter_context(temporary_settings(set_defaults=no_heartbeats))
        yield
