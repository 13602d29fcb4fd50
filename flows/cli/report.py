"""``report``: comparisons of the reviews of the last run, and pages as PDF."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.command import Command
from flows.cli.options import GlobalOptions, UserPath
from flows.cli.session import open_workspace


@click.command(
    cls=Command,
    examples=[
        "review-sentiment report",
        "review-sentiment report --compare 한울채1차 도담누리",
        'review-sentiment report --compare "last 90 days"',
        "review-sentiment report --compare 2026-Q3 2026-Q2 --output q3.html",
        "review-sentiment report --pdf",
    ],
)
@click.option(
    "--compare",
    "first",
    default="",
    metavar="A [B]",
    help="Compare two groups, sources or periods; without B, a period is compared with the "
    "period before it.",
)
@click.argument("second", metavar="[B]", required=False, default="", help="See --compare.")
@click.option("--pdf", is_flag=True, help="Print the page to a PDF file; needs Chromium.")
@click.option(
    "--output",
    type=UserPath(dir_okay=False),
    metavar="FILE",
    help="The file to write (default: a file next to the last report).",
)
@click.pass_obj
def report(options: GlobalOptions, first: str, second: str, pdf: bool, output: Path | None) -> None:
    """Compare groups, sources or periods, or print the report to PDF.

    Reads the results of the last run and makes no new predictions. A and B are names or ids of
    groups, names of sources, or periods: 2026, 2026-Q3, 2026-10, "last 90 days". A comparison is
    written to comparison.html, with all its numbers in comparison.xlsx. The path of the page or PDF
    is printed; without options, the path of the last report.
    """
    suffix = ".pdf" if pdf else ".html"
    if second and not first:
        raise click.UsageError(f"unexpected argument {second}; to compare, write --compare A B")
    if output and not (first or pdf):
        raise click.UsageError("--output needs --compare or --pdf")
    if output and output.suffix.lower() != suffix:
        raise click.UsageError(f"{output}: the file name must end with {suffix}")
    workspace, settings = open_workspace(options, space=False)
    from pipeline.stages.last_report import newest_report
    from pipeline.storage import names

    if first:
        from pipeline.stages.compare import compare

        target = output.with_suffix(".html") if output else None
        page = compare(workspace, first, second, settings.report.language, target)
    else:
        page = newest_report(workspace).report.path(names.REPORT)
    if pdf:
        from pipeline.report.pdf import write_pdf

        path = output or page.with_suffix(".pdf")
        write_pdf(page, path)
        page = path
    print(page)
