"""``api``."""

from __future__ import annotations

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions
from flows.cli.session import open_workspace


@click.command(
    cls=Command,
    examples=[
        "review-sentiment api",
        "review-sentiment api --set api.port=8080",
        "review-sentiment api --config own.toml --workspace /srv/reviews",
    ],
)
@click.pass_obj
def api(options: GlobalOptions) -> None:
    """Serve predictions over HTTP until stopped.

    The paths are /predict, /health, /model, /metrics and /openapi.json. The champion makes the
    predictions; a new champion is used without a restart. Before any training, the starter is used.

    The server can be reached from this machine only, unless api.host is set to another address.
    Requests then need a token: set it with REVIEW_SENTIMENT_API__TOKEN.
    """
    workspace, settings = open_workspace(options, space=False)
    from flows.api.server import serve_api

    serve_api(workspace, settings.api)
