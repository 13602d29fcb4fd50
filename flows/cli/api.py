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
    """Answer predictions over HTTP until stopped.

    Paths are /predict, /health, /model, /metrics and /openapi.json. The champion answers, also a
    new one without a restart; before any training the starter.

    Reachable from this machine only, unless api.host says otherwise; then requests need a token,
    which REVIEW_SENTIMENT_API__TOKEN sets.
    """
    workspace, settings = open_workspace(options)
    from flows.api.server import serve_api

    serve_api(workspace, settings.api)
