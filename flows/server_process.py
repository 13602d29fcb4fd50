"""Our own Prefect server as a child process: start, wait, end."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows import leftovers
from flows.held_signals import held
from flows.prefect_env import answers
from pipeline.errors import RunError

logger = logging.getLogger("pipeline.server")

START_TIMEOUT_SECONDS = 120.0
TERMINATION_TIMEOUT_SECONDS = 0.5


class PrefectServer:
    """A Prefect server; it runs from :meth:`start` on.

    Args:
        listener: The bound socket that it serves.
        host: Host that the socket is bound to.
        names: Further host names under which browsers reach it.
        environment: Variables of the server, in addition to those of this process.
    """

    def __init__(
        self,
        listener: socket.socket,
        host: str,
        names: Sequence[str] = (),
        *,
        environment: Mapping[str, str],
    ) -> None:
        self._listener, self._names = listener, (host, *names)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._record: Path | None = None

    def start(self) -> None:
        """Start the process, and record it in case this process is killed."""
        folder = Path(os.environ["PREFECT_HOME"]) / "servers"
        if ended := leftovers.end_leftovers(folder):
            logger.info("stopped %d Prefect servers that killed commands left behind", ended)
        with self._listener as listener, held():
            self._process = subprocess.Popen(  # noqa: S603  (validated settings)
                [
                    *(sys.executable, "-P", "-m", "flows.prefect_server"),
                    *(str(listener.fileno()), *self._names),
                ],
                env=os.environ | self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
            self._record = leftovers.record(folder, self._process.pid)

    def wait_until_up(self, api: str) -> None:
        """Wait until the server responds at its API URL.

        Raises:
            RunError: The process exited, or does not respond within two minutes.
        """
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self._started.poll() is not None:
                raise RunError(f"the Prefect server did not start: {self._cause()}")
            if answers(api):
                return
            time.sleep(0.1)
        raise RunError(
            f"the Prefect server did not respond within {START_TIMEOUT_SECONDS:.0f} s; "
            "run the same command again when the machine is less busy"
        )

    def wait(self) -> None:
        """Wait until the server ends by itself.

        Raises:
            RunError: Always, when the server has ended.
        """
        self._started.wait()
        raise RunError(f"the Prefect server stopped unexpectedly: {self._cause()}")

    def terminate(self) -> None:
        """Terminate the server and its children; kill them if they do not exit in time."""
        for number in (signal.SIGTERM, signal.SIGKILL) if self._process else ():
            self._signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._started.wait(timeout=TERMINATION_TIMEOUT_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the server; a graceful shutdown takes up to five seconds."""
        if self._process is not None:
            with self._process:
                self._signal(signal.SIGKILL)
        if self._record is not None:
            self._record.unlink(missing_ok=True)

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the Prefect server was not started")
        return self._process

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._started.pid, number)

    def _cause(self) -> str:
        """Why the process ended: the cause that it wrote, else its exit status."""
        stdout = self._started.stdout
        said = stdout.read().decode().strip() if stdout else ""
        status = self._started.returncode
        if said:
            return said
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"


def listen(what: str, section: str, host: str, port: int) -> socket.socket:
    """A socket for a server, at an address from the settings.

    Args:
        what: The server, for the message.
        section: Section of the settings with ``host`` and ``port``.
        host: The address.
        port: The port.

    Raises:
        RunError: The port is in use, or the host is not an address of this machine.
    """
    try:
        return bind(host, port)
    except OSError as error:
        raise RunError(
            f"cannot serve {what} at {host}:{port}: {error.strerror}; "
            f"stop the other program, or change {section}.port or {section}.host"
        ) from error


def bind(host: str, port: int) -> socket.socket:
    """A socket for a server, not yet listening; port 0 selects any free port.

    Raises:
        OSError: The port is in use, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
