"""The command line: ``review-sentiment`` and ``python -m flows``.

Each command is a function in a module of its section: ``pipeline``, ``inspect``, ``label``,
``models``, ``operations``, ``report``, ``digest``, ``api``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from flows.cli.api import api
from flows.cli.command import Group
from flows.cli.digest import digest
from flows.cli.errors import exit_status
from flows.cli.inspect import inspect
from flows.cli.label import label
from flows.cli.models import models
from flows.cli.operations import (
    COMPLETE_VARIABLE,
    PROGRAM,
    completion,
    dashboard,
    purge,
    repair,
    serve,
)
from flows.cli.options import GlobalOptions
from flows.cli.pipeline import crawl, evaluate, prepare, run, train
from flows.cli.predict import predict
from flows.cli.report import report

SECTIONS = {
    "Pipeline": [run, inspect, crawl, label, prepare, train, evaluate, report],
    "Models": [predict, models],
    "Operations": [api, serve, dashboard, digest, purge, repair, completion],
}


@click.group(
    cls=Group,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=[
        "review-sentiment run",
        'review-sentiment predict --text "조용하고 살기 좋아요"',
        "review-sentiment run --help",
    ],
)
@click.version_option(package_name=PROGRAM, message="%(prog)s %(version)s")
def review_sentiment() -> None:
    """Turn Korean reviews into a sentiment model and a report.

    Global options can be given before or after the command. Settings can also come from the
    environment: REVIEW_SENTIMENT_TRAIN__EPOCHS=3 is the same as --set train.epochs=3. If both are
    given, --set takes precedence.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 for a failed run, 2 for invalid input."""
    if instruction := os.environ.get(COMPLETE_VARIABLE):
        from click.shell_completion import shell_complete

        return shell_complete(review_sentiment, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = GlobalOptions()
    try:
        with review_sentiment.make_context(PROGRAM, words, obj=options) as context:
            review_sentiment.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:  # --help and --version
        return ended.exit_code
    except BaseException as error:
        return exit_status(error, debug=options.debug)
    return 0
