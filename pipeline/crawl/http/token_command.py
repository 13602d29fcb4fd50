"""A bearer token that a command prints, for tokens that expire after minutes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence

from pipeline.errors import FetchError

COMMAND_SECONDS = 60.0
"""Longest time that the command may take."""


class TokenCommand:
    """Runs a command for a token and keeps the token until it is renewed. Thread-safe.

    Args:
        command: Program and arguments; no shell is involved.
        keep_secret: Called with each token.
    """

    def __init__(self, command: Sequence[str], keep_secret: Callable[[str], None]) -> None:
        self._command, self._keep_secret = command, keep_secret
        self._token = ""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"TokenCommand({self._command[0]!r})"

    @property
    def token(self) -> str:
        """The token; the first access runs the command.

        Raises:
            FetchError: The command fails or prints nothing.
        """
        with self._lock:
            self._token = self._token or self._run()
            return self._token

    def renew(self) -> bool:
        """Run the command again; returns whether the token is another one."""
        with self._lock:
            before, self._token = self._token, self._run()
            return self._token != before

    def _run(self) -> str:
        what = f"source.fetch.token_command: {self._command[0]}"
        try:
            done = subprocess.run(  # noqa: S603
                self._command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS,
            )
        except OSError as error:
            raise FetchError(f"{what} cannot be run: {error.strerror}; check the command") from None
        except subprocess.TimeoutExpired:
            raise FetchError(
                f"{what} took more than {COMMAND_SECONDS:g} s; run it yourself to see why"
            ) from None
        token = done.stdout.decode(errors="replace").strip()
        if done.returncode or not token:
            why = f"exit status {done.returncode}" if done.returncode else "no output"
            raise FetchError(f"{what} returned no token: {why}; run it yourself to see why")
        self._keep_secret(token)
        if not token.isprintable():
            raise FetchError(f"{what} printed more than one line; it must print only the token")
        return token
