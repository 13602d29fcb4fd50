"""``digest``: what the last report and the newest reviews say, in at most ten lines."""

from __future__ import annotations

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions
from flows.cli.session import open_workspace


@click.command(
    cls=Command,
    examples=["review-sentiment digest", "review-sentiment digest --send"],
)
@click.option("--send", is_flag=True, help="Also send the digest to notify.url.")
@click.pass_obj
def digest(options: GlobalOptions, send: bool) -> None:
    """Print the digest: what changed, and which complaints to read.

    The digest describes the last report and counts the reviews that were added since the digest
    was last sent, or in the last seven days.
    """
    workspace, settings = open_workspace(options, space=False)
    from flows.digest import post_digest, write_digest
    from pipeline.errors import InputError
    from pipeline.redact import printable

    if send and not settings.notify.url.get_secret_value():
        raise InputError(
            "digest --send needs the address of a webhook: set REVIEW_SENTIMENT_NOTIFY__URL"
        )
    text, link = write_digest(workspace, settings)
    for line in text.splitlines():
        print(printable(line))
    if link:
        print(f"{link.text}: {link.url}")
    if send:
        post_digest(workspace, settings, text, link)
