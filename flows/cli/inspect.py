"""``inspect``: what a file or site holds and what a run would do with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions, as_json, source_file_or_address
from flows.cli.session import read_settings

if TYPE_CHECKING:
    from pipeline.inspect.findings import Inspection
    from pipeline.settings import Settings, Source


@click.command(
    cls=Command,
    examples=[
        "review-sentiment inspect reviews.csv",
        "review-sentiment inspect reviews.csv --toml > own.toml",
        'review-sentiment inspect "exports/2026-*.csv" --set label.target=three',
        "review-sentiment inspect https://shop.example.com/reviews --toml > site.toml",
        "review-sentiment inspect --config site.toml --json",
    ],
)
@source_file_or_address
@click.option(
    "--toml", "as_toml", is_flag=True, help="Print only the settings that read it this way."
)
@as_json
@click.pass_obj
def inspect(options: GlobalOptions, as_toml: bool, as_json: bool) -> None:
    """Show what a file or site holds and what a run would do.

    Shows the format of the file, how each column is interpreted, ratings, labels and dates, rows
    that cannot be used, and what to fix before a run. For a site in --config, shows the first page
    with reviews; for an address, suggests the settings that read this page. robots.txt is obeyed.
    For several sources, shows each source. Writes no files and trains nothing.
    """
    if as_toml and as_json:
        raise click.UsageError("inspect prints either --toml or --json")
    settings = read_settings(options)
    if as_toml and settings.sources:
        raise click.UsageError("--toml is for one file: give FILE")
    several = [_inspect(one, settings, options, as_toml) for one in settings.all_sources]
    if as_toml:
        print(several[0].toml, end="")
    elif as_json:
        from pipeline.redact import escape_controls

        found = [one.as_dict() for one in several]
        shown = found if settings.sources else found[0]
        print(escape_controls(json.dumps(shown, ensure_ascii=False)))
    else:
        from flows.inspection import show

        for number, (source, one) in enumerate(zip(settings.all_sources, several, strict=True)):
            if settings.sources:
                print(("\n" if number else "") + source.store_name)
            show(one)


def _inspect(
    source: Source, settings: Settings, options: GlobalOptions, as_toml: bool
) -> Inspection:
    from pipeline.settings import DemoSource, FileSource, JsonSource

    if isinstance(source, FileSource):
        from pipeline.inspect.file import inspect_file

        return inspect_file(settings, source)
    if options.address and isinstance(source, JsonSource):
        from pipeline.inspect.address import inspect_address

        return inspect_address(source)
    if isinstance(source, DemoSource):
        raise click.UsageError("inspect needs FILE, an address, or --config with a source")
    if as_toml:
        raise click.UsageError(
            "--toml is for a file or an address: this site already has its settings in --config"
        )
    from pipeline.inspect.site import inspect_site

    return inspect_site(source)
