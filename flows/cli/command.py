"""Commands that take the global options and show examples in their help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from flows.cli.options import GLOBAL_OPTIONS


class Command(click.Command):
    """A command with the global options and examples."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(GLOBAL_OPTIONS)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; an error refers to the command that it belongs to."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones."""
        own = [one for one in self.get_params(ctx) if one not in GLOBAL_OPTIONS]
        for heading, options in (("Options", own), ("Global options", GLOBAL_OPTIONS)):
            _write_options(ctx, formatter, heading, options)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a separate line."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"  {example}\n")


class Group(Command, click.Group):
    """A command with subcommands, listed by section in the order given."""

    def __init__(
        self, *args: Any, sections: Mapping[str, Sequence[click.Command]], **kwargs: Any
    ) -> None:
        super().__init__(*args, no_args_is_help=False, **kwargs)
        self.sections = sections
        for commands in sections.values():
            for command in commands:
                self.add_command(command)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands, in the order of the sections."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands by section, then the options."""
        width = max(map(len, self.commands))
        for heading, commands in self.sections.items():
            with formatter.section(heading):
                rows = [
                    (str(one.name).ljust(width), one.get_short_help_str(formatter.width))
                    for one in commands
                ]
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)


def _write_options(
    ctx: click.Context,
    formatter: click.HelpFormatter,
    heading: str,
    parameters: Iterable[click.Parameter],
) -> None:
    options = (one for one in parameters if isinstance(one, click.Option))
    if rows := [row for one in options if (row := one.get_help_record(ctx))]:
        with formatter.section(heading):
            formatter.write_dl(rows)
