"""`tfstab sweep`: noise tolerance."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.options import (
    Data,
    DataDir,
    Images,
    Imports,
    Json,
    Limit,
    Model,
    ModelOptions,
    Outputs,
    Preprocess,
    Seed,
    Split,
    Trust,
    default_out,
    select_data,
)
from tfstab.cli.output import long_work, print_json, print_table, progress_bar
from tfstab.cli.search import print_run
from tfstab.parsing import parse_numbers
from tfstab.report.sweep_json import sweep_json
from tfstab.report.sweep_tables import (
    certificate_table,
    headline,
    sigma_table,
    weakest_classes_table,
    weakest_images_table,
)
from tfstab.sweep import PAPER_SIGMAS, SweepConfig, SweepRun, run_sweep
from tfstab.sweep.engine import SweepProgress

SHOWN_CLASSES, SHOWN_IMAGES = 20, 5  # in the terminal; --json has all
CLASS_COLUMNS = ("class", "name", "images", "precision", "recall", "recall from", "recall to", "sigma50", "mostly as")
_SIGMAS = ",".join(f"{s:g}" for s in PAPER_SIGMAS)


def sweep(
    model: Model = "mnist-lenet", data: Data = None, split: Split = "test", data_dir: DataDir = None,
    preprocess: Preprocess = "none", outputs: Outputs = None, trust: Trust = False, imports: Imports = None,
    limit: Limit = None, images: Images = None, seed: Seed = 0, as_json: Json = False,
    out: Annotated[Path | None, typer.Option("--out", help="The run folder; resumed if it is there.")] = None,
    sigmas: Annotated[str, typer.Option(help="Standard deviations of the noise in grey levels.")] = _SIGMAS,
    copies: Annotated[int, typer.Option(help="Noisy copies of each image at each sigma.")] = SweepConfig().copies,
    common_noise: Annotated[
        bool, typer.Option("--common-noise", help="Scale one noise to all sigmas, instead of drawing one for each.")
    ] = False,
    cluster: Cluster = None, workers: Workers = None,
) -> None:
    """Measure the tolerance against Gaussian noise (the paper's section 4)."""
    config = SweepConfig(parse_numbers(sigmas, "--sigmas"), copies, seed, common_noise)
    network = ModelOptions(model, preprocess, outputs, trust, imports)
    dataset = select_data(network, data, split, data_dir, limit, images)
    out = out or default_out("sweep", model, dataset)
    resume = "run the same command again to go on."
    with long_work(resume), computing_on(cluster, workers) as there, progress_bar() as bar:
        watch = SweepWatch(bar, len(dataset) * config.rows_per_image)
        run = run_sweep(network.classifier, dataset, config, out, watch.on_progress, there)
        watch.finish()
    if as_json:
        print_json({"run": str(out), **sweep_json(run)})
    else:
        print_sweep(run)
        print_run(out)


def print_sweep(run: SweepRun) -> None:
    """The sweep on a screen or two: by sigma, the weakest classes and images, certified radii, and the headline."""
    typer.echo(f"{run.info['model']['name']} on noisy {run.info['data']['name']}\n")
    print_table(sigma_table(run))
    print_table(weakest_classes_table(run, SHOWN_CLASSES).only(*CLASS_COLUMNS))
    print_table(weakest_images_table(run, SHOWN_IMAGES))
    print_table(certificate_table(run))
    for line in headline(run):
        typer.echo(line)


class SweepWatch:
    """Shows a sweep in a progress bar."""

    def __init__(self, bar: Progress, total: int) -> None:
        self.bar, self.total = bar, total
        self.task = bar.add_task("noise sweep", total=total, unit="images", note="")

    def on_progress(self, progress: SweepProgress) -> None:
        self.bar.update(self.task, completed=progress.done)

    def finish(self) -> None:
        self.bar.update(self.task, completed=self.total)
