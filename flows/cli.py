"""The command line: ``review-sentiment`` and ``python -m flows``."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from flows import console, signals
from flows import ephemeral_server as server
from flows import prefect_env as runtime
from pipeline import progress
from pipeline.crawl.run import check_source
from pipeline.errors import InputError, ReviewSentimentError, SettingsError
from pipeline.settings import Settings, load_settings
from pipeline.storage import lock, names
from pipeline.storage.files import explain_os_error
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.command")

DEFAULT_WORKSPACE = Path("data/workspace")
EXIT_FAILED, EXIT_INPUT = 1, 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}; see `{self.prog} --help`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 for a failed run, 2 for wrong input."""
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        signals.watch()
        options = _parser().parse_args(arguments)
        settings = load_settings(config=options.config, overrides=options.set)
        workspace = Workspace(options.workspace)
        if options.command is not _predict:  # whose output is not part of the workspace
            runtime.keep_private()
        workspace.check()
        auth = settings.dashboard.auth.get_secret_value()
        runtime.configure(workspace, debug=debug, auth=auth)
        console.configure(debug=debug)
        alone = lock.hold(workspace) if options.command in _WRITERS else contextlib.nullcontext()
        shown = _in_dashboard() if options.command in _FLOWS else contextlib.nullcontext()
        with alone, shown:
            options.command(workspace, settings, options)
    except KeyboardInterrupt:
        signals.leave(signal.SIGINT)
    except signals.Terminated:
        signals.leave(signal.SIGTERM)
    except Exception as error:  # the one place where an error becomes a line
        if debug:
            traceback.print_exc()
        console.error(_one_line(error))
        return EXIT_INPUT if isinstance(error, InputError) or _is_space(error) else EXIT_FAILED
    return 0


@contextlib.contextmanager
def _in_dashboard() -> Iterator[None]:
    """Show loops and runs in the dashboard, those of this project under a tag."""
    if "PREFECT_API_URL" not in os.environ:
        logger.info("starting a Prefect server for the time of the run")
        server.start_server()
    from prefect import tags

    from flows.artifacts import DashboardReporter
    from flows.prefect_flow import quiet

    progress.set_reporter(DashboardReporter(progress.current_reporter()))
    server.wait_for_server()
    with quiet(), tags(runtime.TAG):
        yield


def _run(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    check_source(settings.source)
    from flows.end_to_end import review_sentiment

    for stage in options.refresh:
        workspace.refresh(stage)
    report = review_sentiment(workspace, settings, options.full)
    print(report.path(names.REPORT))


def _crawl(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    check_source(settings.source)
    from flows.crawl import crawl

    _show([crawl(workspace, settings, options.full)], options)


def _prepare(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from flows.prepare import prepare
    from pipeline.stages.crawl import last_snapshot

    snapshot = last_snapshot(workspace, settings.source)
    made = [
        one
        for member in prepare(workspace, snapshot, settings)
        for one in (member.examples, member.tokens, member.vocabulary, member.dataset)
    ]
    _show(list({one.folder: one for one in made}.values()), options)


def _train(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from flows.prepare import prepare
    from flows.train import train
    from pipeline.stages.crawl import last_snapshot

    snapshot = last_snapshot(workspace, settings.source)
    trained = train(workspace, prepare(workspace, snapshot, settings), settings)
    _show([trained.model], options)


def _evaluate(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from flows.evaluate import evaluate
    from flows.prepare import prepare
    from flows.train import train
    from pipeline.stages.crawl import last_snapshot

    snapshot = last_snapshot(workspace, settings.source)
    prepared = prepare(workspace, snapshot, settings)
    trained = train(workspace, prepared, settings)
    _show([evaluate(workspace, snapshot, prepared, trained, settings)], options)


def _predict(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    if (options.text is None) == (options.input is None):
        raise SettingsError('predict needs either --text "..." or INPUT --output OUT')
    if options.input is not None:
        if options.output is None:
            raise SettingsError("predict INPUT needs --output OUT")
        with _in_dashboard():
            from flows.predict import predict

            rows = predict(
                workspace, options.input, options.output, options.column, settings.runner
            )
        console.line(f"{rows:,} rows written to {options.output}")
        return
    from pipeline.model.registry import Registry
    from pipeline.predict.predictor import Predictor

    text = options.text.strip()
    if not text:
        raise SettingsError('predict --text "" holds no text')
    predictor = Predictor(Registry(workspace).champion_model(), workspace.memo_folder)
    (answer,) = predictor.answers([text])
    line = "\t".join(
        f"{value:.4f}" if isinstance(value, float) else value
        for name, value in answer.items()
        if name in ("label", "probability", "score")
    )
    print(json.dumps(answer) if options.json else line)


def _serve(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    check_source(settings.source)
    api = os.environ.get("PREFECT_API_URL", "")
    if not api or not runtime.answers(api):
        raise SettingsError(
            f"no Prefect server answers{f' at {api}' if api else ''}: start one with "
            "`review-sentiment dashboard`, or name yours in PREFECT_API_URL"
        )
    from flows.serve import serve

    serve(workspace, settings, options.config, options.set)


def _dashboard(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from flows.dashboard import dashboard

    dashboard(workspace, settings.dashboard)


def _models(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from pipeline.model.registry import Registry

    registry = Registry(workspace)
    if options.action == "promote":
        if options.version is None:
            raise SettingsError("models promote needs a VERSION; `models` lists them")
        with lock.hold(workspace):
            promoted = registry.promote(options.version, "promoted by hand")
        print(f"version {promoted.number} is the champion")
    elif options.json:
        print(json.dumps([one.model_dump(mode="json") for one in registry.versions()]))
    else:
        console.versions(registry.versions())


def _purge(workspace: Workspace, settings: Settings, options: argparse.Namespace) -> None:
    from pipeline.crawl.purge import last_day, purge
    from pipeline.reviews.store import open_store

    with open_store(settings.store, workspace.store_path) as store:
        known = ", ".join(f"{name} ({count:,})" for name, count in store.sources().items())
        if not options.source and options.older_than is None:
            raise SettingsError(
                "purge needs --source NAME, --older-than DAYS or both; "
                f"the store holds: {known or 'nothing'}"
            )
        if options.source and options.source not in store.sources():
            raise SettingsError(
                f"no source {options.source}; the store holds: {known or 'nothing'}"
            )
        before = last_day(options.older_than)
        count = store.count_to_purge(options.source, before)
        if count and not options.yes and not console.confirm(f"delete {count:,} reviews for good?"):
            console.line("nothing was deleted")
            return
        purge(store, workspace, options.source, before)
    print(f"{count:,} reviews deleted")


_FLOWS = (_run, _crawl, _prepare, _train, _evaluate)
_WRITERS = (*_FLOWS, _purge)


def _show(manifests: list[Manifest], options: argparse.Namespace) -> None:
    """Print what a command made: as JSON, or the path of each file."""
    if options.json:
        made = [manifest.model_dump(mode="json") for manifest in manifests]
        print(json.dumps(made[0] if len(made) == 1 else made, ensure_ascii=False))
    else:
        for manifest in manifests:
            for name in manifest.files:
                print(manifest.path(name))


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE.toml", help="settings as TOML")
    common.add_argument(
        "--workspace", type=Path, default=DEFAULT_WORKSPACE, metavar="DIR",
        help="where everything is written (default: %(default)s)",
    )  # fmt: skip
    common.add_argument(
        "--set", action="append", default=[], metavar="section.key=value", help="one setting"
    )
    common.add_argument("--debug", action="store_true", help="show tracebacks and Prefect's log")
    as_json = _Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="answer as JSON")

    parser = _Parser(prog="review-sentiment", description="Korean reviews to a sentiment report.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Callable[..., None], help_: str) -> _Parser:
        parents = [common] if command in (_run, _purge, _serve, _dashboard) else [common, as_json]
        added = commands.add_parser(name, parents=parents, help=help_, description=help_)
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "from the source to the report, once; prints the report's path")
    crawl = add("crawl", _crawl, "read the source into the store and take a snapshot")
    for command in (run, crawl):
        command.add_argument(
            "--full", action="store_true", help="ask for every page, not only for new reviews"
        )
    run.add_argument(
        "--refresh", action="append", default=[], metavar="STAGE",
        help="do a stage again even if nothing has changed; all: every stage",
    )  # fmt: skip
    add("prepare", _prepare, "label, tokenize and encode the last snapshot")
    add("train", _train, "train on the last snapshot, preparing what is missing")
    add("evaluate", _evaluate, "evaluate and report, training what is missing")
    predict = add("predict", _predict, "label new texts with the model that was trained last")
    predict.add_argument("input", nargs="?", type=Path, help="TSV, CSV, JSONL or Parquet")
    predict.add_argument("--output", type=Path, metavar="OUT", help="the same, by its suffix")
    predict.add_argument("--column", default="", help="column of the text")
    predict.add_argument("--text", help="one text")
    add("serve", _serve, "run as scheduled, until ended")
    add("dashboard", _dashboard, "a Prefect server and the reports, on this machine, until ended")
    models = add("models", _models, "the versions of the model; promote one")
    models.add_argument("action", nargs="?", choices=["promote"], help="make VERSION the champion")
    models.add_argument("version", nargs="?", type=int, metavar="VERSION")
    purge = add("purge", _purge, "delete stored reviews for good")
    purge.add_argument("--source", default="", metavar="NAME", help="only those of one source")
    purge.add_argument(
        "--older-than", type=_days, metavar="DAYS", help="only those not seen for so many days"
    )
    purge.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)


def _is_space(error: BaseException) -> bool:
    return isinstance(error, OSError) and explain_os_error(error) is not None


def _one_line(error: Exception) -> str:
    if isinstance(error, ReviewSentimentError):
        return str(error)
    if isinstance(error, OSError) and (explained := explain_os_error(error)):
        return explained
    first = (str(error).splitlines() or [""])[0]
    return f"the run failed: {type(error).__name__}: {first}; see it whole with --debug"
