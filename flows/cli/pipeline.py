"""``run`` and its stages: ``crawl``, ``prepare``, ``train``, ``evaluate``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions, as_json, source_file
from flows.cli.session import locked_session, open_workspace, prefect_session

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.storage.manifest import Manifest
    from pipeline.storage.workspace import Workspace

full_crawl = click.option(
    "--full", is_flag=True, help="Request every page, not only the pages with new reviews."
)
yes_delete = click.option(
    "--yes-delete",
    is_flag=True,
    help="Accept that a site deleted more reviews than source.max_deleted_share.",
)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment run",
        "review-sentiment run reviews.csv --set report.language=ko",
        "review-sentiment run --config site.toml --full",
        "review-sentiment run --refresh model",
    ],
)
@source_file
@full_crawl
@yes_delete
@click.option(
    "--refresh",
    multiple=True,
    metavar="STAGE",
    help="Repeat a stage even if nothing has changed; 'all' repeats every stage. "
    "Can be given several times.",
)
@click.pass_obj
def run(options: GlobalOptions, full: bool, yes_delete: bool, refresh: tuple[str, ...]) -> None:
    """Run the whole pipeline once, from crawl to report.

    Results of stages whose input has not changed are taken from the workspace. The last line
    printed is the path of the report.
    """
    from pipeline.runtime import import_libraries
    from pipeline.stages.inputs import check_inputs
    from pipeline.storage import names

    workspace, settings = open_workspace(options)
    check_inputs(settings)
    for stage in refresh:
        workspace.refresh(stage)
    with locked_session(workspace, meanwhile=import_libraries):
        from flows.end_to_end import review_sentiment

        report = review_sentiment(workspace, settings, full, yes_delete)
    print(report.path(names.REPORT))


@click.command(
    cls=Command,
    examples=[
        "review-sentiment crawl",
        "review-sentiment crawl --config site.toml --full",
    ],
)
@source_file
@full_crawl
@yes_delete
@as_json
@click.pass_obj
def crawl(options: GlobalOptions, full: bool, yes_delete: bool, as_json: bool) -> None:
    """Read the source into the review store and take a snapshot."""
    from pipeline.stages.inputs import check_inputs

    workspace, settings = open_workspace(options)
    check_inputs(settings)
    with locked_session(workspace):
        from flows.crawl import crawl

        snapshot = crawl(workspace, settings, full, yes_delete)
    _print_manifests([snapshot], as_json)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment prepare",
        "review-sentiment prepare --set tokenizer.name=komoran",
    ],
)
@source_file
@as_json
@click.pass_obj
def prepare(options: GlobalOptions, as_json: bool) -> None:
    """Label, split, tokenize and encode the last snapshot."""
    with _last_snapshot(options) as (workspace, settings, snapshot):
        from flows.prepare import prepare

        made = [
            manifest
            for one in prepare(workspace, snapshot, settings)
            for manifest in (one.examples, one.tokens, one.vocabulary, one.dataset)
        ]
    _print_manifests(list({one.folder: one for one in made}.values()), as_json)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment train",
        "review-sentiment train --set train.epochs=3 --set train.seed=7",
    ],
)
@source_file
@as_json
@click.pass_obj
def train(options: GlobalOptions, as_json: bool) -> None:
    """Train a model on the last snapshot.

    Prepares the snapshot first if this has not been done yet.
    """
    with _last_snapshot(options) as (workspace, settings, snapshot):
        from flows.prepare import prepare
        from flows.train import train

        trained = train(workspace, prepare(workspace, snapshot, settings), settings)
    _print_manifests([trained.model], as_json)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment evaluate",
        "review-sentiment evaluate --set report.language=ko --json",
    ],
)
@source_file
@as_json
@click.pass_obj
def evaluate(options: GlobalOptions, as_json: bool) -> None:
    """Evaluate the model of the last snapshot and write the report.

    Trains the model first if this has not been done yet.
    """
    with _last_snapshot(options) as (workspace, settings, snapshot):
        from flows.evaluate import evaluate
        from flows.prepare import prepare
        from flows.train import train

        prepared = prepare(workspace, snapshot, settings)
        trained = train(workspace, prepared, settings)
        report = evaluate(workspace, snapshot, prepared, trained, settings)
    _print_manifests([report], as_json)


@contextlib.contextmanager
def _last_snapshot(options: GlobalOptions) -> Iterator[tuple[Workspace, Settings, Manifest]]:
    workspace, settings = open_workspace(options)
    from pipeline.stages.crawl import last_snapshot
    from pipeline.stages.inputs import check_unlabeled_file
    from pipeline.storage import lock

    with lock.hold(workspace):
        snapshot = last_snapshot(workspace, settings)
        check_unlabeled_file(settings)
        with prefect_session():
            yield workspace, settings, snapshot


def _print_manifests(manifests: Sequence[Manifest], as_json: bool) -> None:
    """Print what a stage wrote: as JSON, or the path of each file."""
    from pipeline.redact import escape_controls

    if as_json:
        dumped = [manifest.model_dump(mode="json") for manifest in manifests]
        text = json.dumps(dumped[0] if len(dumped) == 1 else dumped, ensure_ascii=False)
        print(escape_controls(text))
    else:
        for manifest in manifests:
            for name in manifest.files:
                print(manifest.path(name))
