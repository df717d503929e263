"""`tfstab inspect`: details of one image of a run, or of the whole run."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.cli.explain import explanation_json, print_explanation
from tfstab.cli.options import Json
from tfstab.cli.output import print_json, print_table, remark
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.cli.sweep import print_sweep
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.report.changed import changed_note
from tfstab.report.input_notes import input_notes
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.report.sweep_json import sweep_json
from tfstab.report.tables import Table, search_class_table, search_table
from tfstab.runs import open_run
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.norm import get_norm, sized
from tfstab.sweep import SweepRun
from tfstab.wording import percent

SCORES = ("mean true score", "least")  # columns that are printed in per cent


def inspect(
    run: Annotated[Path, typer.Argument(help="A run folder, finished or unfinished.")],
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            help="The image's index in the full split, or its file name; by default the whole run is shown.",
            metavar="INDEX|FILE",
        ),
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Also draw the image into this file (.png, .pdf, .svg), or the first figure of an explanation; of a "
            "whole sweep, write all tables and figures into this folder.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
) -> None:
    """Show one image of a run (its minimum noise, or the scores of its copies), or summarise the whole run."""
    if image is not None and out is not None:
        _check_figure(out)
    opened = open_run(run)
    for note in input_notes([opened]):
        remark(note)
    if image is None:
        _inspect_run(opened, as_json, out)
        return
    index, summary = opened.clean.find(image), ""
    if isinstance(opened, SearchRun):
        result = opened.result(index)
        tables = [_facts(opened, result)]
        draw: Callable[[], Any] = partial(result.plot, opened.class_names, opened.clean.file(index))
    elif isinstance(opened, ExplanationRun):
        from tfstab.report.explanation.topics import parts_of_image

        explained = opened.of(index)
        summary, draw = explained.summary(), explained.plot
        tables = [part for part in parts_of_image(opened, index) if isinstance(part, Table)]
    else:
        tables, draw = [image_facts(opened, index), image_table(opened, index)], partial(opened.plot, index)
        if note := changed_note(opened):
            remark(note)
    if as_json:
        said = {"summary": summary.splitlines()} if summary else {}
        print_json(said | {table.title: table.records() for table in tables})
    else:
        if summary:
            typer.echo(f"{summary}\n")
        for table in tables:
            print_table(table.in_percent(*SCORES) if SCORES[0] in table.columns else table)
    if out is not None:
        _draw(draw(), out)


def _inspect_run(run: SearchRun | SweepRun | ExplanationRun, as_json: bool, out: Path | None) -> None:
    if isinstance(run, SweepRun):
        if out is not None:
            from tfstab.report.saving import check_page_folder
            from tfstab.report.sweep_files import save_sweep_files

            check_page_folder(out)
        if as_json:
            print_json({"run": str(run.path), **sweep_json(run)})
        else:
            print_sweep(run)
        if note := changed_note(run):
            remark(note)
        if out is not None:
            save_sweep_files(run, out)
            remark(f"written to {out}")
        return
    if isinstance(run, ExplanationRun):
        _inspect_explanation(run, as_json, out)
        return
    if out is not None:
        raise InputError("--out draws one image of a search: choose it with --image.")
    tables = [search_table(run, run.class_names), search_class_table(run, run.class_names)]
    if as_json:
        print_json({table.title: table.records() for table in tables})
    else:
        for table in tables:
            print_table(table)


def _inspect_explanation(run: ExplanationRun, as_json: bool, out: Path | None) -> None:
    if out is not None:
        _check_figure(out)
    if as_json:
        print_json(explanation_json(run))
    else:
        print_explanation(run)
    if out is not None:
        _draw(run.plot(), out)


def _check_figure(path: Path) -> None:
    from tfstab.report.figures import check_figure_path  # here, as it imports matplotlib

    check_figure_path(path)


def _draw(figure: Any, path: Path) -> None:
    from tfstab.report import save_figure

    save_figure(figure, path)
    remark(f"written to {path}")


def _facts(run: SearchRun, r: MinimumNoise) -> Table:
    names, norm = run.class_names, get_norm(r.norm)
    rows = [
        ("true class", names[r.class_index]),
        ("predicted clean", f"{names[int(r.clean_scores.argmax())]} ({percent(r.clean_scores.max(), 2)})"),
        ("predicted degraded", f"{names[r.predicted]} ({percent(r.score, 2)})"),
        ("true class's score", f"{percent(r.clean_scores[r.class_index], 2)} → {percent(r.true_score, 2)}"),
        ("found", "yes" if r.found else "no"),
        ("norm minimised", norm.title),
        ("L2", f"{r.l2:.2f} grey levels"),
        ("L2 / 255", f"{r.l2_unit:.4f}"),
        ("Linf", f"{r.linf:.2f} grey levels"),
        ("L1", f"{r.l1:,.0f} grey levels"),
        ("L0", f"{r.l0:,} values"),
        (
            f"{norm.title} of the 8-bit image",
            f"{sized(norm, r.size_uint8, '.2f')} {norm.unit}" if math.isfinite(r.size_uint8) else "none found",
        ),
        ("PSNR", f"{r.psnr:.2f} dB" if math.isfinite(r.psnr) else "infinite: there is no noise"),
        ("margin", f"{r.margin:.5f}"),
        ("objective", f"{r.objective:.6g}"),
        ("queries", f"{r.queries:,}"),
        ("gradients", f"{r.gradients:,}"),
        ("generations", f"{r.generations:,}"),
        ("stopped by", r.stop_reason),
    ]
    return Table(run.clean.title(r.image), ("what", "value"), rows)
