"""`tfstab demo`: a search and a sweep of bundled data, in about a minute."""

import subprocess
import time
from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.output import RESUME, long_work, print_table, progress_bar, remark
from tfstab.cli.search import SearchWatch
from tfstab.cli.sweep import print_sweep
from tfstab.cli.sweep_watch import SweepsWatch
from tfstab.cli.view import has_display, viewer_command
from tfstab.experiments.demo import SEARCHED, SWEPT, run_demo
from tfstab.report.tables import search_table
from tfstab.sweep import SweepConfig


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the runs and figures.")] = Path("tfstab-demo"),
    viewer: Annotated[bool, typer.Option("--viewer/--no-viewer", help="Open the viewer at the end.")] = True,
) -> None:
    """Minimum noise of ten digits and a noise sweep of a hundred, with the bundled network; then the viewer."""
    from tfstab.report.demo import save_demo_figures

    started = time.perf_counter()
    remark("starting TensorFlow ...")
    with long_work(RESUME), progress_bar() as bar:
        search_watch = SearchWatch(bar, SEARCHED, out / "search")
        sweep_watch = SweepsWatch(bar, [("noise sweep", SWEPT * SweepConfig().rows_per_image)])
        sweep_watch.begin()
        result = run_demo(out, search_watch.on_generation, search_watch.on_result, sweep_watch.on_progress)
        search_watch.finish()
        sweep_watch.finish()
    figures = save_demo_figures(result, out / "figures")
    print_table(search_table(result.search, result.search.class_names))
    print_sweep(result.sweep)
    typer.echo(f"\nDone in {time.perf_counter() - started:.0f} s.")
    for path in (result.search.path, result.sweep.path, *figures):
        typer.echo(f"  {path}")
    runs = [result.search.path, result.sweep.path]
    if viewer and has_display():
        subprocess.Popen(viewer_command(runs), start_new_session=True)
    else:
        typer.echo(f"\nLook at the runs with: tfstab view {runs[0]} {runs[1]}")
