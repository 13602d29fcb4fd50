"""How an error becomes one line on stderr and an exit status."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import sys
import traceback
from collections.abc import Sequence

import click
from click.exceptions import NoSuchCommand

EXIT_FAILED, EXIT_INPUT = 1, 2


def exit_status(error: BaseException, *, debug: bool) -> int:
    """Print what went wrong; returns the exit status, or ends the process after a signal."""
    from flows import console, signals

    if isinstance(error, KeyboardInterrupt):
        signals.leave(signal.SIGINT)
    if isinstance(error, signals.Terminated):
        signals.leave(signal.SIGTERM)
    if not isinstance(error, Exception):
        raise error
    if isinstance(error, BrokenPipeError) and _has_lost_its_reader():
        return 128 + signal.SIGPIPE
    if debug:
        console.lines("".join(traceback.format_exception(error)))
    status, line = _explain(error)
    console.error(line)
    return status


def _has_lost_its_reader() -> bool:
    """Whether the reader of stdout has gone, as after ``| head``; if so, discard what is left."""
    stdout = select.poll()
    stdout.register(sys.stdout, 0)  # reports POLLERR and POLLHUP alone
    if not stdout.poll(0):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _explain(error: Exception) -> tuple[int, str]:
    from pipeline.errors import InputError, ReviewSentimentError
    from pipeline.storage.files import explain_os_error

    if isinstance(error, click.UsageError):
        return EXIT_INPUT, _explain_usage(error)
    if isinstance(error, ReviewSentimentError):
        return EXIT_INPUT if isinstance(error, InputError) else EXIT_FAILED, str(error)
    if isinstance(error, OSError) and (explained := explain_os_error(error)):
        return EXIT_INPUT, explained
    first = (str(error).splitlines() or [""])[0]
    name = type(error).__name__
    return EXIT_FAILED, f"the run failed: {name}: {first}; run with --debug for the traceback"


def _explain_usage(error: click.UsageError) -> str:
    problem, near = _describe(error)
    path = error.ctx.command_path if error.ctx else "review-sentiment"
    if near:
        return f"{problem}; did you mean {' or '.join(near)}? See `{path} --help`"
    return f"{problem}; see `{path} --help`"


def _describe(error: click.UsageError) -> tuple[str, Sequence[str]]:
    """What is wrong, and what the user may have meant."""
    if isinstance(error, NoSuchCommand):
        return f"unknown command {error.command_name}", error.possibilities or ()
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        return f"unknown option {name}", error.possibilities or _settings_named(name)
    if isinstance(error, click.BadParameter) and error.param:
        named = error.param
        shown = named.human_readable_name if isinstance(named, click.Argument) else named.opts[0]
        missing = isinstance(error, click.MissingParameter)
        return f"{shown} is missing" if missing else f"{shown}: {error.message.rstrip('.')}", ()
    message = error.format_message().rstrip(".")
    return message[:1].lower() + message[1:], _source_of(message, error.ctx)


def _source_of(message: str, context: click.Context | None) -> list[str]:
    """How to set the file that was given to a command without arguments."""
    given = re.fullmatch(r"Got unexpected extra argument \((.+)\)", message)
    if not given or not context:
        return []
    if not os.path.isfile(given[1]):  # noqa: PTH113 Path.is_file fails for a long name
        return []
    if any(isinstance(one, click.Argument) for one in context.command.params):
        return []
    return [f"--set source.kind=file --set {shlex.quote(f'source.path={given[1]}')}"]


def _settings_named(option: str) -> list[str]:
    """How to set what was given as an option: ``--epochs`` is the setting ``train.epochs``."""
    from pipeline.settings import Settings

    key = option.lstrip("-").replace("-", "_")
    return [
        f"--set {section}.{key}=..."
        for section, field in Settings.model_fields.items()
        if key in getattr(field.annotation, "model_fields", {})
    ]
