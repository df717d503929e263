"""`tfstab report`: write a page, tables and figures about run folders."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.output import remark
from tfstab.runs import open_run


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, finished or unfinished.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the page, tables and figures.")] = Path("report"),
) -> None:
    """Write one HTML page about runs, with its tables as CSV and LaTeX and its figures as PDF, PNG and SVG."""
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
