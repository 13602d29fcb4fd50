"""``label suggest`` and ``label import``."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.command import Command, Group
from flows.cli.options import GlobalOptions, UserPath, source_file
from flows.cli.predict import predictor_of
from flows.cli.session import open_workspace

COUNT = 100


@click.command(
    cls=Command,
    examples=[
        "review-sentiment label suggest to-label.csv",
        "review-sentiment label suggest to-label.csv reviews.csv --count 300",
    ],
)
@click.argument("table", type=UserPath(), help="The table to write; its suffix sets the format.")
@source_file
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=COUNT,
    metavar="N",
    help=f"Number of reviews (default: {COUNT}).",
)
@click.pass_obj
def suggest(options: GlobalOptions, table: Path, count: int) -> None:
    """Write the reviews that are most worth labelling by hand.

    The reviews come from the last crawl of a site, or from the file as it is now, and have neither
    a label nor a rating. Fill in the column label, then import the table with `review-sentiment
    label import`.
    """
    workspace, settings = open_workspace(options)
    from flows import console
    from pipeline.label.suggest import suggest
    from pipeline.reviews.store import open_store
    from pipeline.settings import FileSource
    from pipeline.stages.crawl import crawl, last_snapshot
    from pipeline.storage import lock, names

    if all(isinstance(one, FileSource) for one in settings.all_sources):
        with lock.hold(workspace):
            snapshot = crawl(workspace, settings)
    else:
        snapshot = last_snapshot(workspace, settings)
    with open_store(settings.store, workspace.store_path) as store:
        predictor = predictor_of(workspace)
        made = suggest(snapshot.path(names.REVIEWS), store, predictor, table, count)
    given = ", ".join(f"{number:,} {name}" for name, number in made.by_hand.items() if number)
    console.line(f"labels given by hand so far: {given or 'none'}")
    print(f"{made.rows:,} of {made.unlabeled:,} reviews without a label written to {table}")


@click.command(
    "import",
    cls=Command,
    examples=[
        "review-sentiment label import to-label.csv",
        "review-sentiment label import to-label.csv --dry-run",
    ],
)
@click.argument(
    "file", type=UserPath(), help="The table of `label suggest`, with labels filled in."
)
@click.option("--dry-run", is_flag=True, help="Check the table, but save nothing.")
@click.pass_obj
def import_(options: GlobalOptions, file: Path, dry_run: bool) -> None:
    """Save the labels of a filled table in the review store.

    A label is positive, negative or neutral, 긍정, 부정 or 중립, 1 or 0, or another value that a
    label column may contain; rows without a label are skipped. The labels are kept in later crawls
    and take precedence over the labels and ratings of the source. `review-sentiment run` then
    trains with them.
    """
    workspace, settings = open_workspace(options, space=False)
    from flows import console
    from pipeline.label.import_labels import import_labels
    from pipeline.reviews.store import open_store
    from pipeline.storage import lock

    with (
        lock.hold(workspace),
        open_store(settings.store, workspace.store_path) as store,
    ):
        done = import_labels(file, store, dry_run=dry_run)
    console.line(f"labels: {done.scheme}")
    if done.edited:
        console.line(
            f"skipped {len(done.edited):,} labels, because the texts of their reviews were edited "
            f"in the meantime (first in {done.edited[0]})"
        )
    new, changed, known = done.saved
    verb = "would be saved" if dry_run else "saved"
    print(f"{new:,} new and {changed:,} changed labels {verb}, {known:,} unchanged")


@click.group(
    cls=Group,
    sections={"Commands": [suggest, import_]},
    subcommand_metavar="COMMAND [ARGS]...",
    examples=[
        "review-sentiment label suggest to-label.csv",
        "review-sentiment label import to-label.csv",
    ],
)
def label() -> None:
    """Label reviews by hand: choose reviews, and import their labels."""
