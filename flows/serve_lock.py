"""Lock of ``serve``: one process serves the schedule of a workspace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pipeline.errors import WorkspaceError
from pipeline.storage import lock
from pipeline.storage.workspace import Workspace


@contextlib.contextmanager
def hold(workspace: Workspace) -> Iterator[None]:
    """Hold the lock while the block runs; the system releases it even if the process is killed.

    Raises:
        WorkspaceError: Another process serves the schedule of the workspace.
    """
    place = _place(workspace)
    place.create()
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock.hold(place))
        except WorkspaceError as error:
            other = lock.holder(place)
            if other is None:
                raise
            raise WorkspaceError(
                f"`review-sentiment serve` already serves the workspace {workspace.root} (process "
                f"{other.get('process', 'unknown')}, since {other.get('since', 'now')}); stop it "
                "first or choose another workspace with --workspace DIR"
            ) from error
        yield


def is_held(workspace: Workspace) -> bool:
    """Whether a process serves the schedule of a workspace."""
    return lock.holder(_place(workspace)) is not None


def _place(workspace: Workspace) -> Workspace:
    """Folder of the lock: the workspace itself has the lock of the active run."""
    return Workspace(workspace.root / "serve")
