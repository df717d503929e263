"""`tfstab sweep`: noise tolerance, and tolerance against other degradations."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.options import (
    Classes,
    Damaged,
    Data,
    DataDir,
    Images,
    Imports,
    Json,
    Limit,
    Model,
    Outputs,
    Preprocess,
    Resize,
    Seed,
    Split,
    Trust,
)
from tfstab.cli.output import RESUME, long_work, print_json, print_table, progress_bar, remark_on, remarks
from tfstab.cli.robustness import show_robustness
from tfstab.cli.search import print_run
from tfstab.degradations import GAUSSIAN_NOISE, PAPER_SIGMAS, degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.models import import_modules
from tfstab.orders import ImageOptions, ModelOptions, Order, Subject, default_folder, default_model
from tfstab.parsing import parse_numbers
from tfstab.report.sweep_json import sweep_json
from tfstab.report.sweep_tables import (
    certificate_table,
    headline,
    severity_table,
    weakest_classes_table,
    weakest_images_table,
)
from tfstab.sweep import SweepConfig, SweepRun
from tfstab.sweep.progress import SweepProgress
from tfstab.sweep.score import in_large_batches

SHOWN_CLASSES, SHOWN_IMAGES = 20, 5  # in the terminal
CLASS_COLUMNS = ("class", "name", "images", "precision", "recall", "recall from", "recall to")
ALL, DEFAULT = "all", GAUSSIAN_NOISE.name  # values of --degradation
_SIGMAS = ",".join(f"{s:g}" for s in PAPER_SIGMAS)


def sweep(
    model: Model = None,
    data: Data = None,
    split: Split = "test",
    data_dir: DataDir = None,
    resize: Resize = None,
    damaged: Damaged = "fail",
    preprocess: Preprocess = "none",
    outputs: Outputs = None,
    classes: Classes = None,
    trust: Trust = False,
    imports: Imports = None,
    limit: Limit = None,
    images: Images = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The run folder; an existing run is resumed. With `all`, a folder of runs."),
    ] = None,
    degradation: Annotated[
        str, typer.Option(help="A name from `tfstab degradations`, or `all` for a run of each and a summary.")
    ] = DEFAULT,
    severities: Annotated[
        str | None, typer.Option(help="Strengths of the degradation, in reporting order; by default its own.")
    ] = None,
    sigmas: Annotated[
        str | None, typer.Option(help=f"Severities of Gaussian noise, in grey levels; by default {_SIGMAS}.")
    ] = None,
    copies: Annotated[
        int | None,
        typer.Option(
            help="Degraded copies of each image at each severity; by default 150 of Gaussian noise, else as "
            "`tfstab degradations` lists."
        ),
    ] = None,
    common_noise: Annotated[
        bool,
        typer.Option("--common-noise", help="Scale one noise per copy to all sigmas instead of drawing one for each."),
    ] = False,
    cluster: Cluster = None,
    workers: Workers = None,
) -> None:
    """Measure the tolerance against Gaussian noise (the paper's section 4) or another degradation."""
    import_modules(imports or ())  # they may register the degradation
    if degradation == ALL:
        if severities or sigmas or common_noise:
            raise InputError(
                "--degradation all takes the severities of each family; expected none of --severities, "
                "--sigmas and --common-noise."
            )
        configs = _all_configs(copies, seed)
    else:
        numbers = {
            name: parse_numbers(text, f"--{name}")
            for name, text in (("sigmas", sigmas), ("severities", severities))
            if text is not None
        }
        configs = [SweepConfig(copies=copies, seed=seed, common_noise=common_noise, degradation=degradation, **numbers)]
    chosen = ImageOptions(data, split, data_dir, limit, images, resize, damaged)
    subject = Subject(
        ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes), chosen
    )
    with remarks():
        if degradation == ALL:
            out = out or default_folder("robustness", subject)
            if (out / "run.json").exists():
                raise InputError(
                    f"{out} is a run folder; expected a folder for the runs of all degradations: choose another."
                )
            orders = [Order("sweep", subject, config, out / config.degradation.name) for config in configs]
        else:
            orders = [Order("sweep", subject, configs[0], out or default_folder(_kind(configs[0]), subject))]
        _ = orders[0].folder  # before the model is loaded
    runs: list[SweepRun] = []
    with long_work(RESUME), computing_on(cluster, workers) as there, progress_bar() as bar:
        remark_on(subject)
        # Once for all runs.
        classifier = in_large_batches(subject.classifier.for_images(subject.dataset.image_shape))
        for order in orders:
            watch = SweepWatch(bar, len(subject.dataset) * order.config.rows_per_image, _title(order.config))
            scored_in = [run.path for run in runs[:1]]  # so that the clean images are scored once for all runs
            runs.append(order.run(classifier, on_progress=watch.on_progress, cluster=there, scored_in=scored_in))
            watch.finish()
    if degradation == ALL:
        show_robustness(runs, (), as_json)
        if not as_json:
            typer.echo(f"\nThe runs are in {out}; look at them with: tfstab view {out}/*")
    elif as_json:
        print_json({"run": str(orders[0].folder), **sweep_json(runs[0])})
    else:
        print_sweep(runs[0])
        print_run(orders[0].folder)


def _all_configs(copies: int | None, seed: int) -> list[SweepConfig]:
    """Return a sweep of each family at its own severities; `copies` applies to families that draw random numbers."""
    families = [get_degradation(name) for name in degradation_names()]
    return [SweepConfig(copies=copies if f.random else None, seed=seed, degradation=f) for f in families]


def _title(config: SweepConfig) -> str:
    """Return the caption of the progress bar."""
    title = config.degradation.short_title
    return f"{title[0].upper()}{title[1:]} sweep"


def _kind(config: SweepConfig) -> str:
    """Return what the default folder's name begins with."""
    return "sweep" if config.degradation.name == DEFAULT else f"sweep-{config.degradation.name}"


def print_sweep(run: SweepRun) -> None:
    """Print a sweep: severities, weakest classes and images, certified radii, and the summary."""
    typer.echo(f"{run.info['model']['name']} on {run.info['data']['name']} under {run.degradation.title}\n")
    print_table(severity_table(run))
    print_table(weakest_classes_table(run, SHOWN_CLASSES).only(*CLASS_COLUMNS, run.degradation.half_name, "mostly as"))
    print_table(weakest_images_table(run, SHOWN_IMAGES))
    if run.degradation.certifies:
        print_table(certificate_table(run))
    for line in headline(run):
        typer.echo(line)


class SweepWatch:
    """Shows a sweep in a progress bar."""

    def __init__(self, bar: Progress, total: int, title: str = "noise sweep") -> None:
        self.bar, self.total = bar, total
        self.task = bar.add_task(title, total=total, unit="images", note="")

    def on_progress(self, progress: SweepProgress) -> None:
        """Show the progress."""
        self.bar.update(self.task, completed=progress.done)

    def finish(self) -> None:
        """Fill the bar."""
        self.bar.update(self.task, completed=self.total)
