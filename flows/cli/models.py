"""The versions of the model: ``models`` and its commands."""

from __future__ import annotations

import json
from pathlib import Path

import click

from flows.cli.command import Command, Group
from flows.cli.options import GlobalOptions, UserPath, as_json
from flows.cli.session import open_workspace


@click.command(cls=Command, examples=["review-sentiment models promote 2"])
@click.argument("version", type=int, help="Number of the version, as shown by `models`.")
@click.pass_obj
def promote(options: GlobalOptions, version: int) -> None:
    """Make a version of the model the champion."""
    workspace, _ = open_workspace(options, space=False)
    from pipeline.model.registry import Registry
    from pipeline.storage import lock

    with lock.hold(workspace):
        promoted = Registry(workspace).promote(version, "promoted by hand")
    print(f"version {promoted.number} is the champion")


@click.command("export", cls=Command, examples=["review-sentiment models export 2 apartments.zip"])
@click.argument("version", type=int, help="Number of the version, as shown by `models`.")
@click.argument(
    "file", metavar="FILE.zip", type=UserPath(dir_okay=False), help="The file to write."
)
@click.pass_obj
def export_model(options: GlobalOptions, version: int, file: Path) -> None:
    """Write a version of the model as one file.

    The file contains everything that is needed for prediction, and a model card. On another
    machine, use it with `predict --model` or `models import`. The file also contains words of the
    training reviews.
    """
    if file.suffix.lower() != ".zip":
        raise click.UsageError(f"{file}: the file name must end with .zip")
    workspace, _ = open_workspace(options, space=False)
    from pipeline.predict.transfer import export_model

    export_model(version, file, workspace)
    print(file)


@click.command("import", cls=Command, examples=["review-sentiment models import apartments.zip"])
@click.argument(
    "file",
    metavar="FILE.zip",
    type=UserPath(exists=True, dir_okay=False),
    help="A file that `models export` wrote.",
)
@click.pass_obj
def import_model(options: GlobalOptions, file: Path) -> None:
    """Add the model in a file to the workspace, as a candidate.

    The file is checked first; no code in it is run.
    """
    workspace, _ = open_workspace(options, space=False)
    from pipeline.predict.transfer import import_model
    from pipeline.storage import lock

    with lock.hold(workspace):
        version = import_model(file, workspace)
    print(
        f"version {version.number} is a {version.status}; to use it, run "
        f"`review-sentiment models promote {version.number}`"
    )


@click.group(
    cls=Group,
    sections={"Commands": [promote, export_model, import_model]},
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
    examples=["review-sentiment models", "review-sentiment models --json"],
)
@as_json
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """List the versions of the model, or promote, export or import one.

    Without a command, lists every version with its metrics and marks the champion.
    """
    if context.invoked_subcommand is not None:
        return
    workspace, _ = open_workspace(context.obj, space=False)
    from flows import console
    from pipeline.model.registry import Registry

    versions = Registry(workspace).versions()
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in versions]))
    else:
        console.versions(versions)
