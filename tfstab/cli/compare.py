"""`tfstab compare`: compare assessments or single runs of the same images, image by image."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfstab.cli.observing import made
from tfstab.cli.options import Json
from tfstab.cli.output import print_json, print_table, remark
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.errors import InputError
from tfstab.paths import user_path

if TYPE_CHECKING:
    from tfstab.report.page import Page


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Two or more assessments, sweeps, or searches; each is compared with the first."),
    ],
    fail_if_worse: Annotated[
        bool,
        typer.Option(
            "--fail-if-worse",
            help="Exit with 1 if another run is shown to be worse than the first: on clean images, on those of a "
            "class, under a degradation, or in its minimum noise. Each run is compared with the first by itself: with "
            "95 % confidence, none of the decisions about these two is wrong. A difference that is not decided does "
            "not fail, nor does what only one of them has measured.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = False,
    of_class: Annotated[
        str | None,
        typer.Option(
            "--class",
            help="The only class for which --fail-if-worse decides, such as defect: its recall on clean images gets "
            "half of the permitted errors, its precision and its recall under the degradations the other half. Choose "
            "it before you see the results.",
            metavar="NAME",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Also write report.html, tables and figures into this folder.", rich_help_panel=RESULTS_PANEL
        ),
    ] = None,
) -> None:
    """Compare assessments, or runs, of the same images: paired differences with intervals, McNemar's test."""
    from tfstab.experiments.worse import worse, worse_sentence
    from tfstab.orders.comparing import compared_pairs, opened
    from tfstab.report.comparison_report import comparison_json, comparison_report
    from tfstab.report.saving import check_page_folder, save_page

    if of_class is not None and not fail_if_worse:
        raise InputError("--class was given without --fail-if-worse; expected both.")
    if out is not None:
        check_page_folder(out)
    pairs = compared_pairs([opened(user_path(run)) for run in runs])
    lost = [worse(pair, of_class) for pair in pairs]
    page = comparison_report(pairs) if out is not None or not as_json else None
    if as_json:
        print_json(comparison_json(pairs, of_class))
    elif page is not None:
        _print(page)
    if page is not None and out is not None:
        written, *_ = save_page(page, out)
        made("report", written)
        remark(f"written to {out}")
    if not fail_if_worse:
        return
    if not as_json:
        typer.echo("\n".join(worse_sentence(pair, of_class) for pair in pairs))
    if any(lost):
        raise typer.Exit(1)


def _print(page: "Page") -> None:
    from tfstab.report.tables import Table

    for section in page.sections:
        if not section.lines:
            continue
        typer.echo(f"{section.title}\n")
        for line in (*section.warnings, *section.lines):
            typer.echo(line)
        typer.echo()
        for table in section.parts:
            if isinstance(table, Table):
                print_table(table)
