"""`tfstab compare`: compare assessments or single runs of the same images, image by image."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfstab.cli.next_steps import print_steps
from tfstab.cli.observing import made
from tfstab.cli.options import Json
from tfstab.cli.output import echo, print_json, print_table, remark, say
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.errors import InputError
from tfstab.orders.shell import from_here
from tfstab.orders.step import Step
from tfstab.paths import user_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfstab.experiments.named_classes import Pair
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
            "not fail, nor does what only one of them has measured. Exit with 2 if files of the results to "
            "compare are damaged or missing.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = False,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            help="With --fail-if-worse: accept losses of up to this many percentage points. Only a loss that is "
            "certainly larger counts. This does not apply to the minimum noise.",
            metavar="POINTS",
            show_default="0",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    of_class: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="A class, such as defect, whose recall and precision on clean images are shown, and under each "
            "degradation its recall and specificity (share of the images of other classes that are not taken for it); "
            "may be given several times. --fail-if-worse then decides for these classes only: "
            "recall on clean images gets half of the permitted errors, everything else the other half. Choose them "
            "before you see the results.",
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
    from tfstab.orders.comparing import check_all_read, compared_pairs, opened
    from tfstab.report.comparison_json import comparison_json
    from tfstab.report.comparison_report import comparison_report
    from tfstab.report.saving import check_page_folder, save_page

    if tolerance is not None:
        _check_tolerance(tolerance, fail_if_worse)
    if out is not None:
        check_page_folder(out)
    pairs = compared_pairs([opened(user_path(run)) for run in runs])
    classes, accepted = of_class or [], (tolerance or 0) / 100
    lost = [worse(pair, classes, accepted) for pair in pairs]
    judged = [worse_sentence(pair, classes, accepted) for pair in pairs] if fail_if_worse else []
    page = comparison_report(pairs, classes, judged) if out is not None or not as_json else None
    if as_json:
        print_json(comparison_json(pairs, classes, accepted))
    elif page is not None:
        _print(page)
    if page is not None and out is not None:
        written, *_ = save_page(page, out)
        made("report", written)
        remark(f"written to {out}")
    if not fail_if_worse:
        if page is not None and not as_json:
            _print_next(pairs)
        return
    if not as_json:
        say("\n".join(judged))
    check_all_read(pairs, classes)
    if any(lost):
        raise typer.Exit(1)


def _check_tolerance(points: float, fail_if_worse: bool) -> None:
    """Raise InputError if the loss that is accepted is no number of percentage points, or nothing is judged."""
    if not 0 <= points < 100:
        raise InputError(f"--tolerance is {points:g}; expected percentage points from 0 to less than 100, such as 2.")
    if not fail_if_worse:
        raise InputError("--tolerance is for --fail-if-worse: add it, or leave --tolerance out.")


def _print_next(pairs: "Sequence[Pair]") -> None:
    """Print how to compare two assessments under a degradation that the comparison leaves open, or divides."""
    from tfstab.experiments.degradations_decided import to_look_into
    from tfstab.experiments.folders_compared import FolderComparison

    if len(pairs) == 1 and isinstance(pairs[0], FolderComparison) and (one := to_look_into(pairs[0])):
        words = ("compare", *(from_here(str(run.path)) for run in (one.first, one.second)))
        print_steps([Step(words, f"{one.first.degradation.title}, severity by severity")])


def _print(page: "Page") -> None:
    from tfstab.report.tables import Table

    for section in page.sections:
        if not section.lines:
            continue
        echo(f"{section.title}\n")
        for line in section.warnings:
            say(line)
        for line in section.lines:
            say(f"- {line}" if len(section.lines) > 1 else line)
        echo()
        for table in section.parts:
            if isinstance(table, Table):
                print_table(table.with_intervals())
