"""`tfstab report`: run folders as a page to read, tables to cite and figures to print."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.output import remark
from tfstab.runs import open_run


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, finished or still being written.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for page, tables and figures.")] = Path("report"),
) -> None:
    """Write runs as one HTML page, with tables as CSV and LaTeX and figures as PDF, PNG and SVG beside it."""
    opened = [open_run(run) for run in runs]

    from tfstab.report.page import check_page_folder, save_page
    from tfstab.report.run_report import run_report

    check_page_folder(out)  # before the work
    for run in opened:
        if not run.complete:
            done, total = run.progress
            remark(f"{run.path} is not finished ({done} of {total} parts): the report says so.")
    page, *others = save_page(run_report(opened), out)
    typer.echo(f"written: {page}, and {len(others)} files of its tables and figures beside it")
