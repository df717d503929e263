"""`tfstab report`: write a page about run folders, and on request their tables and figures as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from tfstab.assessment.results import RESULTS
from tfstab.cli.observing import made
from tfstab.cli.options import Imports
from tfstab.cli.output import echo, progress_bar, remark, remarks
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.cli.requiring import (
    Junit,
    Require,
    Strict,
    exit_if_failed,
    print_outcomes,
    requirements_of,
    write_junit,
)
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.orders.repair import repair_line, undamaged_runs
from tfstab.paths import user_path
from tfstab.runs import RunFolder
from tfstab.runs.files import REPORT
from tfstab.runs.known_degradations import allow_modules
from tfstab.wording import counted


def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders, finished or not, or folders of them, such as an assessment.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="Folder for report.html, or a name that ends in .html.", rich_help_panel=RESULTS_PANEL
        ),
    ] = Path("report"),
    files: Annotated[
        bool,
        typer.Option(
            "--files",
            help="Also write tables as CSV and LaTeX, and figures as PDF, PNG and SVG, beside the page.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = False,
    require: Require = None,
    junit_file: Junit = None,
    strict: Strict = False,
    imports: Imports = None,
) -> None:
    """Write one HTML page about runs: verdict, charts, photographs of mistakes, numbers, settings.

    With `--require`, the page says which requirements the runs meet, and the exit code is 1 if one is missed.

    For a page that says whether two networks differ, use `tfstab compare A B --out DIR`.
    """
    from tfstab.assessment.required_runs import check_runs
    from tfstab.report.input_notes import input_notes
    from tfstab.report.run_report import report_page, unfinished
    from tfstab.report.saving import check_page_folder, names_page, save_report
    from tfstab.runs.atomic import make_folder, write_text

    alone = names_page(out)
    if alone and files:
        raise InputError(f"{out} is the name of a page, and --files writes more files: give a folder with --out.")
    folder = out.parent if alone else out
    check_page_folder(folder)  # before the work
    allow_modules(imports or ())
    requirements = requirements_of(require, junit_file, strict)
    opened, damaged = _opened(runs)
    opened += _explanations_beside(runs, opened)
    for run in unfinished(opened):
        remark(f"{run.path} is not finished and has {run.extent}: the report says so.")
    outcomes = check_runs(opened, requirements) if requirements else []
    for note in input_notes(opened) if outcomes else ():
        remark(note)
    write_junit(junit_file, outcomes, strict)
    with remarks(), progress_bar() as bar:
        task = bar.add_task("report", total=None, unit="", note="")

        def on_progress(what: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, note=what)

        html = report_page(
            opened, damaged=damaged, outcomes=outcomes, folder=user_path(folder), on_progress=on_progress
        )
        bar.update(task, note="")
        others: list[Path] = []
        if alone:
            page = out
            make_folder(folder)
            write_text(page, html)
        elif not files:
            (page,) = save_report(out, html)
        else:
            page, *others = _saved_with_files(bar, opened, out, html)
    made("report", page)
    more = f", and {counted(len(others), 'file')} of its tables and figures beside it" if others else ""
    echo(f"written: {page}{more}")
    print_outcomes(outcomes)
    exit_if_failed(outcomes, strict)


def _saved_with_files(bar: Progress, runs: Sequence[Any], out: Path, html: str) -> list[Path]:
    """Write the page, then the tables and figures of the runs; return the files. Say how many they are."""
    from tfstab.report.run_files import run_sections
    from tfstab.report.saving import save_report

    remark(f"drawing the tables and figures of {counted(len(runs), 'run')} for --files: this may take minutes")
    task = bar.add_task("figures", total=len(runs), unit="", note="")
    sections = []
    for number, section in enumerate(run_sections(runs), start=1):
        sections.append(section)
        bar.update(task, completed=min(number, len(runs)), note=section.title)
    bar.update(task, note="")
    task = bar.add_task("files", total=None, unit="", note="")

    def on_file(done: int, total: int) -> None:
        if done == 1:
            remark(f"{out / REPORT} is written; writing {counted(total - 1, 'file')} of tables and figures")
        bar.update(task, completed=done, total=total)

    return save_report(out, html, sections, on_file=on_file)


def _opened(paths: Sequence[Path]) -> tuple[list[Any], list[str]]:
    """Return the runs at these paths, and the names of damaged results that assessments leave out."""
    opened, left_out = list[Any](), list[str]()
    for path in paths:
        runs, damaged = undamaged_runs(path)
        opened += runs
        left_out += [damage.what for damage in damaged]
        for damage in damaged:
            remark(repair_line(damage, runs[0].info))
    return opened, left_out


def _explanations_beside(paths: Sequence[Path], runs: Sequence[RunFolder]) -> list[ExplanationRun]:
    """Return the explanations beside the assessments at these paths, unless one of these runs explains them."""
    from tfstab.assessment.explanation_beside import explanation_beside

    explained = [run.path.absolute() for run in runs if run.kind == "explanation"]
    found: list[ExplanationRun] = []
    for path in paths:
        own = [run for run in runs if run.path.parent == path]
        beside = explanation_beside(path, own) if (path / RESULTS).exists() else None
        if beside is not None and all(run.kind != "explanation" for run in own) and beside.path not in explained:
            found.append(beside)
            explained.append(beside.path)  # two assessments may be beside it
    return found
