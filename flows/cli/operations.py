"""Commands that operate a workspace: ``serve``, ``purge`` and others."""

from __future__ import annotations

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions
from flows.cli.session import open_workspace

PROGRAM = "review-sentiment"
COMPLETE_VARIABLE = "_REVIEW_SENTIMENT_COMPLETE"
"""Set by the scripts of ``completion`` when they ask for candidates."""
LONGEST_NUMBER = 100
"""Digits of a number that are read at all; Python refuses some thousands."""


@click.command(
    cls=Command,
    examples=[
        "review-sentiment serve --config site.toml",
        'review-sentiment serve --set "schedule.cron=0 4 * * *"',
    ],
)
@click.pass_obj
def serve(options: GlobalOptions) -> None:
    """Crawl and train on a schedule until stopped.

    Crawls and labels new reviews at the times of schedule.cron; trains at the times of
    schedule.train_cron.

    Needs a Prefect server: start one with `review-sentiment dashboard`, or set PREFECT_API_URL.
    """
    from flows import prefect_env
    from pipeline.runtime import importing
    from pipeline.stages.inputs import check_inputs

    workspace, settings = open_workspace(options)
    check_inputs(settings)
    prefect_env.check_server()
    with importing():
        from flows.serve import serve

    serve(workspace, settings, options.config, options.overrides)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment dashboard",
        "review-sentiment dashboard --set dashboard.port=4300",
    ],
)
@click.pass_obj
def dashboard(options: GlobalOptions) -> None:
    """Serve Prefect's dashboard and the reports until stopped.

    Both require the login that this command shows. They can be reached from this machine only; if
    dashboard.host is set to another address, the dashboard can be reached there, the reports not.
    """
    workspace, settings = open_workspace(options)
    from flows.dashboard import dashboard
    from flows.prefect_database import explained

    with explained():
        dashboard(workspace, settings.dashboard)


@click.command(cls=Command, examples=["review-sentiment repair"])
@click.pass_obj
def repair(options: GlobalOptions) -> None:
    """Repair damaged databases of the workspace.

    Each damaged file is kept under another name. Reviews are recovered from what is still readable
    and from the last snapshots. Prefect's database, which contains the history of runs, is replaced
    by a new one.
    """
    workspace, settings = open_workspace(options, space=False)
    from flows import prefect_database
    from pipeline.crawl.repair import repair_store
    from pipeline.storage import lock

    with lock.hold(workspace):
        aside = prefect_database.repair(workspace)
        url = settings.store.url.get_secret_value()
        store = None if url else repair_store(workspace)
    if aside:
        print(f"Prefect's database is reset; the damaged file is kept as {aside}")
    if store:
        print(
            f"the review store is repaired: {store.recovered:,} reviews recovered, "
            f"{store.from_snapshots:,} more from snapshots; the damaged file is kept as "
            f"{store.aside}"
        )
    if not aside and not store:
        print("nothing is damaged")


def _days(text: str) -> int:
    if not text.isdecimal():
        raise click.BadParameter(f"{text!r} is not a number of days")
    from pipeline.crawl.purge import MOST_DAYS

    if len(text) > LONGEST_NUMBER or int(text) > MOST_DAYS:
        raise click.BadParameter(f"at most {MOST_DAYS:,} days")
    return int(text)


@click.command(
    cls=Command,
    examples=[
        "review-sentiment purge --source demo",
        "review-sentiment purge --older-than 365 --yes",
    ],
)
@click.option("--source", default="", metavar="NAME", help="Only reviews of this source.")
@click.option(
    "--older-than",
    type=_days,
    metavar="DAYS",
    help="Only reviews that no crawl has seen for this many days.",
)
@click.option("--models", is_flag=True, help="Also delete all models (they hold words of reviews).")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def purge(
    options: GlobalOptions, source: str, older_than: int | None, models: bool, yes: bool
) -> None:
    """Permanently delete stored reviews by source or age.

    Also deletes their copies in the workspace and in Prefect's database. Asks for confirmation
    first.
    """
    workspace, settings = open_workspace(options, space=False)
    from flows import console
    from flows.prefect_database import forget_texts
    from pipeline.crawl.purge import last_day, model_folders, purge, purge_models
    from pipeline.crawl.source_names import hide_secrets
    from pipeline.errors import InputError
    from pipeline.reviews.store import open_store
    from pipeline.storage import lock

    with lock.hold(workspace), open_store(settings.store, workspace.store_path) as store:
        hide_secrets(store)
        known = ", ".join(f"{name} ({count:,})" for name, count in store.sources().items())
        holds = f"the store holds: {known or 'nothing'}"
        if not source and older_than is None and not models:
            raise InputError(
                f"purge needs --source NAME, --older-than DAYS or both, or --models; {holds}"
            )
        if source and source not in store.sources():
            raise InputError(f"no source {source}; {holds}")
        count, before = 0, last_day(older_than)
        if source or before:
            count = store.count_to_purge(source, before)
        question = f"permanently delete {count:,} reviews{' and all models' if models else ''}?"
        if (count or models) and not yes and not console.confirm(question):
            console.line("nothing was deleted")
            return
        if source or before:
            purge(store, workspace, source, before)
            forget_texts(workspace, settings.dashboard)
        if models:
            purge_models(workspace)
        elif model_folders(workspace):
            console.line(
                f"the models in {workspace.root} and their profiles still hold words of the "
                "deleted reviews; to delete them too, run `review-sentiment purge --models`"
            )
    print(f"{count:,} reviews deleted")


@click.command(
    cls=Command,
    examples=[
        'eval "$(review-sentiment completion bash)"',
        'eval "$(review-sentiment completion zsh)"',
        "review-sentiment completion fish | source",
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell in use.")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands in a shell.

    Add the example line for your shell to its start-up file: ~/.bashrc, ~/.zshrc or
    ~/.config/fish/config.fish.
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    kind = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell]
    print(kind(context.find_root().command, {}, PROGRAM, COMPLETE_VARIABLE).source())
