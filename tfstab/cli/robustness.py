"""`tfstab robustness`: sweeps of several degradations, summed up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.cli.observing import made
from tfstab.cli.options import Json
from tfstab.cli.output import print_json, print_table, remark, say
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.errors import InputError
from tfstab.sweep import SweepRun
from tfstab.wording import counted, with_article


def robustness(
    runs: Annotated[list[Path], typer.Argument(help="Sweeps of one network, or a folder of its sweeps.")],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(
            "--baseline",
            help="A sweep of the network to compare with, or a folder of its sweeps; may be given several times.",
        ),
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Also write robustness.csv and accuracy.png into this folder.", rich_help_panel=RESULTS_PANEL
        ),
    ] = None,
) -> None:
    """Sum up sweeps of several degradations: the accuracy kept and, with a baseline, the mean corruption error.

    Of two sweeps, it also says which degradation costs more accuracy.
    """
    sweeps = sweeps_in(runs)
    show_robustness(sweeps, sweeps_in(baseline or ()), as_json, out)
    if len(sweeps) == 2 and not as_json:
        say(_compared(*sweeps))


def _compared(first: SweepRun, second: SweepRun) -> str:
    """Return which of two degradations costs more accuracy."""
    from tfstab.assessment import DegradationComparison, FamilyFigures

    return DegradationComparison(FamilyFigures.of(first), FamilyFigures.of(second)).summary()


def show_robustness(
    runs: Sequence[SweepRun],
    baselines: Sequence[SweepRun],
    as_json: bool,
    out: Path | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Print the summary, and write it to the folder `out` if it is given. more: further entries of the JSON."""
    from tfstab.experiments.robustness import Robustness
    from tfstab.report.figures import accuracy_figure, save_figure
    from tfstab.report.robustness_tables import robustness_json, robustness_table
    from tfstab.report.saving import check_page_folder
    from tfstab.runs.atomic import make_folder, write_text

    if out is not None:
        check_page_folder(out)
    summary = Robustness(runs, baselines)
    table = robustness_table(summary)
    if covered := _covered([*runs, *baselines], len(summary.images)):
        remark(covered)
    if as_json:
        print_json({**robustness_json(summary), **(more or {})})
    else:
        print_table(table.with_intervals())
    if out is not None:
        make_folder(out)
        write_text(out / "robustness.csv", table.csv())
        save_figure(accuracy_figure(runs, baselines), out / "accuracy.png")
        made("folder", out)
        remark(f"written to {out}")


def _covered(runs: Sequence[SweepRun], images: int) -> str:
    """Return which images the summary of unfinished sweeps covers; "" if all are finished.

    images: how many images all sweeps have, the only ones that the summary covers.
    """
    unfinished = [run for run in runs if not run.complete]
    if not unfinished:
        return ""
    first = unfinished[0]
    if len(runs) == 1:
        return f"{first.path} is not finished and has {first.extent}: the summary covers these."
    what = f"{first.path} is not finished and has {first.extent}"
    if len(unfinished) > 1:
        what = f"{len(unfinished)} of the {len(runs)} sweeps are not finished"
    text = f"{what}: the summary covers only the {counted(images)} that all sweeps have."
    if any(len(run.measures) > images for run in runs):
        text += (
            " The report of an assessment and requirements use all images of each sweep, so their figures may differ "
            "from these."
        )
    return text


def sweeps_in(paths: Sequence[Path]) -> list[SweepRun]:
    """Return the sweeps at these paths, some of which may be folders of runs.

    Other runs in a folder are left out with a remark, and so are damaged runs of an assessment. Raises InputError if a
    folder has no sweep, or if a path is a run of another kind.
    """
    from tfstab.orders.repair import repair_line, undamaged_runs

    found: list[SweepRun] = []
    for path in paths:
        runs, damaged = undamaged_runs(path)
        for damage in damaged:
            remark(repair_line(damage, runs[0].info))
        sweeps = [run for run in runs if isinstance(run, SweepRun)]
        others = [f"{run.path.name} ({run.info['kind']})" for run in runs if not isinstance(run, SweepRun)]
        if others and runs[0].path == path:
            raise InputError(f"{path} is {with_article(runs[0].info['kind'])} run; expected sweeps.")
        if not sweeps:
            raise InputError(f"{path} has no sweep, only {', '.join(others)}; expected sweeps.")
        if others:
            remark(f"not sweeps, and left out: {', '.join(others)} in {path}")
        found += sweeps
    return found
