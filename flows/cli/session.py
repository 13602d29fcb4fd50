"""What commands work with: settings, a workspace, and Prefect for those that run flows.

Prefect reads its environment when it is first imported, so a command imports its flow only after
:func:`open_workspace`, and within :func:`prefect_session`. Imports are inside the functions to keep
``--help`` and shell completion fast.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli.options import GlobalOptions

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.command")


def open_workspace(
    options: GlobalOptions, *, private: bool = True, space: bool = True
) -> tuple[Workspace, Settings]:
    """Read the settings, check the workspace, and prepare this process for a command.

    Args:
        options: What the user gave.
        private: Make the files that the command writes readable only by their owner.
        space: Check that there is space for a run. Commands that only read, or that delete, also
            work on a full disk, and on one that cannot be written.

    Raises:
        InputError: A setting is wrong or the workspace cannot be used.
        OSError: There is a symbolic link in place of Prefect's database.
    """
    from flows import console, prefect_database, prefect_env, signals
    from pipeline.settings import load_settings
    from pipeline.storage.files import refuse_link
    from pipeline.storage.workspace import Workspace

    signals.watch()
    settings = load_settings(config=options.config, overrides=options.overrides)
    workspace = Workspace(options.workspace)
    if private:
        prefect_env.keep_private()
    if space:
        workspace.check()
    else:
        workspace.create()
    may_fail = contextlib.nullcontext() if space else contextlib.suppress(OSError)
    with may_fail:
        (workspace.root / "prefect").mkdir(mode=0o700, exist_ok=True)
    refuse_link(prefect_database.database_path(workspace))
    _set_home(workspace)
    prefect_env.configure(workspace, settings.dashboard, debug=options.debug)
    console.configure(debug=options.debug)
    return workspace, settings


def read_settings(options: GlobalOptions) -> Settings:
    """Read the settings for a command that needs no workspace and logs nothing but errors.

    Args:
        options: What the user gave.

    Raises:
        SettingsError: A setting is wrong.
    """
    from flows import console, signals
    from pipeline.settings import load_settings

    signals.watch()
    console.configure(debug=options.debug)
    if not options.debug:
        logging.getLogger("pipeline").setLevel(logging.ERROR)
    return load_settings(config=options.config, overrides=options.overrides)


def _set_home(workspace: Workspace) -> None:
    """Give a user without an account (as in containers) a home folder, which libraries need."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = str(workspace.root)


def has_server() -> bool:
    """Whether a Prefect server is configured, or the workspace's dashboard is running."""
    return "PREFECT_API_URL" in os.environ


@contextlib.contextmanager
def prefect_session(meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
    """Run flows on the Prefect server that is configured, or on a temporary one.

    Args:
        meanwhile: Called while a temporary server makes a new database, which takes seconds.

    Raises:
        SettingsError: The configured server does not answer, or refuses the login.
    """
    from flows import ephemeral_server, prefect_database, prefect_env
    from pipeline import progress
    from pipeline.runtime import importing

    makes_database = False
    if has_server():
        prefect_env.check_server()
    else:
        makes_database = not prefect_database.exists()
        logger.info("starting a temporary Prefect server")
        ephemeral_server.start_server()
    with importing():
        from prefect import tags

        from flows.artifacts import DashboardReporter
        from flows.prefect_flow import quiet

    progress.set_reporter(DashboardReporter(progress.current_reporter()))
    with prefect_database.explained():
        if makes_database and meanwhile is not None:
            meanwhile()
        ephemeral_server.wait_for_server()
        with quiet(), tags(prefect_env.TAG):
            yield


@contextlib.contextmanager
def locked_session(
    workspace: Workspace, meanwhile: Callable[[], None] | None = None
) -> Iterator[None]:
    """Run flows that write to the workspace, while no other command does.

    See :func:`prefect_session`.
    """
    from pipeline.storage import lock

    with lock.hold(workspace), prefect_session(meanwhile):
        yield
