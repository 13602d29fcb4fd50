"""The login of the workspace's servers, as ``user:password``.

The owner can set one (``dashboard.auth``); otherwise it is generated and kept in a file of the
workspace that only its owner can read.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets

from pipeline.errors import SettingsError
from pipeline.settings import DashboardSettings
from pipeline.settings.orchestration import LOGIN
from pipeline.storage.files import refuse_link
from pipeline.storage.workspace import Workspace

FILE = "dashboard.login"
USER = "owner"
VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"


def login_of(workspace: Workspace, settings: DashboardSettings) -> str:
    """The login that the owner has set, else the generated one.

    Raises:
        SettingsError: The variable ``PREFECT_SERVER_API_AUTH_STRING`` is not a valid login.
    """
    return set_login(settings) or _generated(workspace)


def set_login(settings: DashboardSettings) -> str:
    """``dashboard.auth``, else Prefect's own variable, else empty."""
    if auth := settings.auth.get_secret_value():
        return auth
    auth = os.environ.get(VARIABLE, "")
    if auth and not re.fullmatch(LOGIN, auth):
        raise SettingsError(
            f"{VARIABLE} is not a valid login: write user:password in ASCII characters"
        )
    return auth


def _generated(workspace: Workspace) -> str:
    """Read the login of the workspace; generate it first if there is none."""
    path = workspace.root / FILE
    refuse_link(path)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{USER}:{secrets.token_urlsafe(32)}\n")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        os.fchmod(descriptor, 0o600)
        login = file.read().strip()
    if not re.fullmatch(LOGIN, login):
        raise SettingsError(
            f"{path} holds no valid login: delete it, and the next start generates a new one"
        )
    return login
