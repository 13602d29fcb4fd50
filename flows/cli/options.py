"""The options that every command has, before or after its name."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click


class UserPath(click.Path):
    """A path as :func:`pipeline.settings.paths.find_path` finds it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Expand ``~``, and use the NFC or NFD form that exists."""
        from pipeline.settings.paths import find_path

        if not value:
            self.fail("must not be empty", param, ctx)
        return find_path(Path(os.fsdecode(super().convert(value, param, ctx))))


class SourcePath(UserPath):
    """A path, or an address as text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See :class:`UserPath`."""
        if isinstance(value, str) and value.lower().startswith(("http://", "https://")):
            return value
        return super().convert(value, param, ctx)


DEFAULT_WORKSPACE = Path("data/workspace")


@dataclass
class GlobalOptions:
    """The global options; if one is given twice, the last value is used, but ``--set`` adds up.

    Attributes:
        config: Path of the settings.
        workspace: Folder for all output.
        overrides: Assignments ``section.key=value``.
        debug: Whether to show tracebacks.
        address: Address of the page to inspect; empty for a file or the source in the settings.
    """

    config: Path | None = None
    workspace: Path = DEFAULT_WORKSPACE
    overrides: tuple[str, ...] = ()
    debug: bool = False
    address: str = ""


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    options = context.ensure_object(GlobalOptions)
    if parameter.name == "overrides":
        options.overrides += value
    elif value:
        setattr(options, str(parameter.name), value)


GLOBAL_OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(
        ["--config"],
        type=UserPath(),
        metavar="FILE.toml",
        help="Read settings from a TOML file.",
        expose_value=False,
        callback=_store,
    ),
    click.Option(
        ["--workspace"],
        type=UserPath(file_okay=False, readable=False),
        metavar="DIR",
        help=f"Folder for all output (default: {DEFAULT_WORKSPACE}).",
        expose_value=False,
        callback=_store,
    ),
    click.Option(
        ["--set", "overrides"],
        multiple=True,
        metavar="section.key=value",
        help="Change one setting. Can be given several times.",
        expose_value=False,
        callback=_store,
    ),
    click.Option(
        ["--debug"],
        is_flag=True,
        is_eager=True,
        help="Show tracebacks and Prefect's log.",
        expose_value=False,
        callback=_store,
    ),
)


def _use_file(
    context: click.Context, parameter: click.Parameter, value: tuple[Path | str, ...]
) -> None:
    """Set a file as the source; a path such as ``[1].csv`` must not be read as a list."""
    paths = [one for one in value if isinstance(one, Path)]
    if len(paths) < len(value):
        raise click.UsageError(
            "an address needs settings: `review-sentiment inspect ADDRESS` suggests them", context
        )
    if len(paths) > 1:
        raise click.UsageError(
            f"only one FILE is read, {len(paths)} were given: pass {_name_all(paths)}", context
        )
    for given in paths:
        path = f"./{given}" if str(given).startswith(("[", "{")) else str(given)
        options = context.ensure_object(GlobalOptions)
        options.overrides += ("sources=[]", "source.kind=file", f"source.path={path}")


def _use_file_or_address(
    context: click.Context, parameter: click.Parameter, value: tuple[Path | str, ...]
) -> None:
    if len(value) == 1 and isinstance(value[0], str):
        options = context.ensure_object(GlobalOptions)
        options.address = value[0]
        options.overrides += (
            "sources=[]",
            "source.kind=json",
            f"source.url={value[0]}",
            'source.fields={ text = "text", rating = "" }',
        )
    else:
        _use_file(context, parameter, value)


def _name_all(paths: Sequence[Path]) -> str:
    """How to pass several tables as one argument, for instance if the shell expanded a pattern."""
    folder, suffixes = paths[0].parent, {path.suffix for path in paths}
    if any(path.parent != folder for path in paths):
        return "one folder or .zip that contains all of them"
    if len(suffixes) > 1:
        return f"their folder, {shlex.quote(str(folder))}"
    pattern = shlex.quote(str(folder / f"*{suffixes.pop()}"))
    return f"their folder, {shlex.quote(str(folder))}, or a pattern in quotes, such as {pattern}"


TABLES = "A table of reviews, or a folder, a pattern or a .zip of several tables"
_argument = partial(click.argument, "file", nargs=-1, type=SourcePath(), expose_value=False)
source_file = _argument(
    metavar="[FILE]",
    help=f"{TABLES} (default: the source in --config).",
    callback=_use_file,
)
source_file_or_address = _argument(
    metavar="[FILE or ADDRESS]",
    help=f"{TABLES}; or the address of a page with reviews (default: the source in --config).",
    callback=_use_file_or_address,
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
