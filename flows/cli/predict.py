"""``predict``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions, UserPath, as_json
from flows.cli.session import has_server, open_workspace, prefect_session

if TYPE_CHECKING:
    from pipeline.predict.files import Answered, TableJob
    from pipeline.predict.text_predictor import TextPredictor
    from pipeline.settings import RunnerSettings
    from pipeline.storage.workspace import Workspace

STDIN = Path("-")


@click.command(
    cls=Command,
    examples=[
        'review-sentiment predict --text "조용하고 살기 좋아요"',
        'review-sentiment predict --text "주차 자리가 없어요" --explain',
        "review-sentiment predict reviews.csv --output labelled.csv --column review",
        "review-sentiment predict reviews.xlsx --sheet 7월 --output labelled.xlsx",
        "review-sentiment predict - --json",
        'review-sentiment predict --model films.zip --text "다시 보고 싶어요"',
    ],
)
@click.argument(
    "source",
    metavar="[INPUT]",
    required=False,
    type=UserPath(),
    help="A TSV, CSV, JSON, JSONL or Parquet file or an Excel workbook (.xlsx), also as .gz or "
    ".zip; or - to read the lines of standard input.",
)
@click.option(
    "--output",
    metavar="OUT",
    type=UserPath(),
    help="The file for the labelled table; its suffix sets the format.",
)
@click.option(
    "--column",
    default="",
    metavar="NAME",
    help="Column with the text (default: the first of document, text, review and other usual "
    "names such as 리뷰 and 내용).",
)
@click.option(
    "--join-fields",
    is_flag=True,
    help="Join fields beyond the header to the text in the last column; for a CSV whose texts "
    "contain commas, but are not quoted.",
)
@click.option(
    "--bom",
    is_flag=True,
    help="Begin a CSV or TSV with a byte order mark, which Excel needs (default: as in the input).",
)
@click.option("--sheet", default="", metavar="NAME", help="Sheet of a workbook (default: first).")
@click.option("--text", help="Label one text and print the result.")
@click.option(
    "--explain",
    is_flag=True,
    help="Show what each part of --text contributes; with --json also for the lines of -.",
)
@click.option(
    "--model",
    metavar="MODEL",
    help="Use another model instead of the champion: a file of `models export`, the number of a "
    "version, or the folder of a model.",
)
@as_json
@click.pass_obj
def predict(
    options: GlobalOptions,
    source: Path | None,
    output: Path | None,
    column: str,
    join_fields: bool,
    bom: bool,
    sheet: str,
    text: str | None,
    explain: bool,
    model: str | None,
    as_json: bool,
) -> None:
    """Label new texts with the champion or another model.

    Before any training, the starter is used, a small model that comes with the program.

    Pass one text, a table, or texts on standard input, one per line: each line is answered at once.
    The output keeps the rows and columns of the table and adds the label and its probability. After
    an interruption, the same command continues. The label is decided by the model's own threshold,
    which is not always 0.5: `review-sentiment models` shows it.
    """
    if (text is None) == (source is None):
        raise click.UsageError('predict needs either --text "..." or INPUT --output OUT')
    if text is not None:
        _predict_text(options, text, model, as_json=as_json, explain=explain)
    elif source == STDIN:
        if output is not None:
            raise click.UsageError("predict - prints its predictions: remove --output")
        if explain and not as_json:
            raise click.UsageError("predict - with --explain needs --json")
        _predict_lines(options, model, as_json=as_json, explain=explain)
    elif source is not None:
        if output is None:
            raise click.UsageError("predict INPUT needs --output OUT")
        if explain:
            raise click.UsageError("--explain is for --text and for -, not for a table")
        from pipeline.predict.files import TableJob

        job = TableJob(source, output, column, join_fields=join_fields, bom=bom, sheet=sheet)
        _predict_file(options, job, model)


def _predict_text(
    options: GlobalOptions, text: str, model: str | None, *, as_json: bool, explain: bool
) -> None:
    if not text.strip():
        raise click.UsageError('predict --text "" holds no text')
    workspace, _ = open_workspace(options, private=False, space=False)
    predictor = predictor_of(workspace, model)
    if predictor.is_blank(text):
        raise click.UsageError(
            "predict --text holds nothing but links, markup or invisible characters"
        )
    from flows.answers import answer_text

    answer_text(predictor, text.strip(), as_json=as_json, explain=explain)
    if not as_json:
        _say_rule(predictor)


def _predict_lines(
    options: GlobalOptions, model: str | None, *, as_json: bool, explain: bool
) -> None:
    workspace, _ = open_workspace(options, private=False, space=False)
    predictor = predictor_of(workspace, model)
    if not as_json:
        _say_rule(predictor)
    from flows.answers import answer_lines

    lines = iter(sys.stdin.buffer.readline, b"")
    answer_lines(predictor, lines, as_json=as_json, explain=explain)


def _say_rule(predictor: TextPredictor) -> None:
    if rule := predictor.target.rule:
        from flows import console

        console.line(f"the decision rule of the model: {rule}")


def predictor_of(workspace: Workspace, model: str | None = None) -> TextPredictor:
    """The model that was named, else the champion; the starter if there is no model yet."""
    if _is_trained(workspace, model):
        from pipeline.predict.load import load_model

        return load_model(model, workspace=workspace)
    from flows import console
    from pipeline.predict.starter import StarterPredictor

    console.line(
        "no trained model yet: predicting with the starter, which was trained on film reviews and "
        "not tested on yours; train a model with `review-sentiment run`"
    )
    return StarterPredictor()


def _is_trained(workspace: Workspace, model: str | None) -> bool:
    from pipeline.model.registry import Registry

    return model is not None or bool(Registry(workspace).versions())


def _predict_file(options: GlobalOptions, job: TableJob, model: str | None) -> None:
    workspace, settings = open_workspace(options, private=False, space=False)
    from pipeline.predict.files import predict_file

    job.check()
    if (has_server() or settings.runner.kind == "dask") and _is_trained(workspace, model):
        answered = _predict_in_flow(workspace, job, settings.runner, model)
    else:
        predictor = predictor_of(workspace, model)
        answered = predict_file(predictor.target, predictor.answer, job, predictor.digest)
    from flows import console

    empty = f", {answered.empty:,} of them without a text" if answered.empty else ""
    console.line(f"{answered.rows:,} rows written to {job.output}{empty}")


def _predict_in_flow(
    workspace: Workspace, job: TableJob, runner: RunnerSettings, model: str | None
) -> Answered:
    from pipeline.predict.load import open_model

    with open_model(model, workspace) as manifest, prefect_session():
        from flows.predict import predict

        answered: Answered = predict(workspace, job, runner, manifest)
    return answered
