"""`tfstab sweep`: noise tolerance, and tolerance against other degradations."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfstab.assessment.figures import Figures
from tfstab.assessment.measured_by import SWEEP
from tfstab.assessment.outcomes import Outcome
from tfstab.assessment.required import Requirement
from tfstab.assessment.requirements import check, check_planned, with_note
from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.observing import made, out_of_time
from tfstab.cli.options import (
    AsIs,
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
    Threshold,
    Trust,
)
from tfstab.cli.output import RESUME, long_work, progress_bar, remark_on, remarks
from tfstab.cli.panels import MEASURE_PANEL, RARE_PANEL, RESULTS_PANEL
from tfstab.cli.requiring import Junit, Require, Strict, exit_if_failed, for_images, requirements_of, write_junit
from tfstab.cli.sweep_output import show_sweeps
from tfstab.cli.sweep_watch import SweepsWatch
from tfstab.cli.workload import clean_speed, state_work
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.degradations import GAUSSIAN_NOISE, PAPER_SIGMAS, get_degradation
from tfstab.degradations.base import COPIES
from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.models import import_modules
from tfstab.orders import ImageOptions, ModelOptions, Order, Subject, default_folder, default_model
from tfstab.orders.degradations import degradations_named
from tfstab.parsing import parse_numbers
from tfstab.paths import user_path
from tfstab.runs.files import find_parts
from tfstab.runs.info import is_run
from tfstab.runs.other_model import check_models_in
from tfstab.sweep import PAPER_COPIES, SweepConfig, SweepRun
from tfstab.sweep.score import in_large_batches
from tfstab.wording import capital, counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SHORTEST = 1e-3  # minutes; every run has at least its first part
DEFAULT = GAUSSIAN_NOISE.name  # value of --degradation
_SIGMAS = ",".join(f"{s:g}" for s in PAPER_SIGMAS)


def sweep(
    model: Model = None,
    data: Data = None,
    limit: Limit = None,
    images: Images = None,
    resize: Resize = None,
    split: Split = "test",
    preprocess: Preprocess = None,
    classes: Classes = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    trust: Trust = False,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The run folder; an existing run is resumed. With several degradations, a folder of runs.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    require: Require = None,
    junit_file: Junit = None,
    strict: Strict = False,
    degradation: Annotated[
        str,
        typer.Option(
            help="A name from `tfstab degradations`; or several, or `all`, for a run of each and a summary.",
            metavar="NAME,NAME,...",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = DEFAULT,
    severities: Annotated[
        str | None,
        typer.Option(
            help="Severities of a single degradation, in reporting order; by default its own.",
            metavar="S,S,...",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    sigmas: Annotated[
        str | None,
        typer.Option(
            help=f"Severities of Gaussian noise, in grey levels; by default {_SIGMAS}.",
            metavar="SIGMA,SIGMA,...",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    copies: Annotated[
        int | None,
        typer.Option(
            help=f"Degraded copies of each image at each severity; by default {COPIES}, or 1 if nothing is random. An "
            "existing run can be given more.",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help=f"paper: {PAPER_COPIES} copies, as in the paper.", metavar="paper", rich_help_panel=MEASURE_PANEL
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Stop after M minutes; the result then has fewer copies or images.",
            metavar="M",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            help="Stop once the accuracy over all severities is known within P percentage points (95 % interval).",
            metavar="P",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    common_noise: Annotated[
        bool,
        typer.Option(
            "--common-noise",
            help="Scale one noise per copy to all sigmas instead of drawing one for each.",
            rich_help_panel=RARE_PANEL,
        ),
    ] = False,
    no_clip: Annotated[
        bool,
        typer.Option(
            "--no-clip",
            help="Do not clip noisy or brightened images to grey levels 0..255. The paper does not say whether it "
            "clips.",
            rich_help_panel=RARE_PANEL,
        ),
    ] = False,
    seed: Seed = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    damaged: Damaged = "fail",
    data_dir: DataDir = None,
    imports: Imports = None,
    as_is: AsIs = False,
) -> None:
    """Measure accuracy at each severity of Gaussian noise (the paper's section 4) or of other degradations."""
    import_modules(imports or ())  # they may register the degradation
    requirements = requirements_of(require, junit_file, strict)
    names = degradations_named(degradation)
    if len(names) > 1:
        if severities or sigmas or common_noise or preset or no_clip:
            raise InputError(
                f"--degradation {degradation} sweeps each degradation at its own severities; expected none of "
                "--severities, --sigmas, --preset, --common-noise and --no-clip, which are for one degradation alone."
            )
        configs = _configs(names, copies, seed)
    else:
        asked = {"sigmas": sigmas, "severities": severities}
        numbers = {name: parse_numbers(text, f"--{name}") for name, text in asked.items() if text is not None}
        configs = [
            SweepConfig(
                numbers.get("sigmas"),
                copies,
                seed,
                common_noise,
                degradation=names[0],
                severities=numbers.get("severities"),
                clip=not no_clip,
                preset=preset,
            )
        ]
    check_planned(requirements, {config.degradation.name: config.severities for config in configs}, SWEEP)
    check_stops(minutes, precision)
    chosen = ImageOptions(data, split, data_dir, limit, images, resize, damaged)
    subject = Subject(
        ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes, threshold), chosen
    )
    with remarks():
        orders, folder = _orders(subject, configs, out)
        _ = orders[0].folder  # before the model is loaded
    with long_work(RESUME), computing_on(cluster, workers) as there:
        remark_on(subject)
        requirements = for_images(requirements, subject.matched)
        # Once for all runs.
        classifier = in_large_batches(subject.classifier.for_images(subject.dataset.image_shape))
        if folder is not None:
            check_models_in(folder, classifier)
        sweeps = [(_title(config), len(subject.dataset) * config.rows_per_image) for config in configs]
        begun = cluster is not None or any(find_parts(user_path(order.folder)) for order in orders)
        speed = None if begun else clean_speed(classifier, subject.dataset.images)
        _state(sweeps, len(subject.dataset), speed, minutes, precision)

        def work(as_is: bool) -> list[SweepRun]:
            """Make the runs, with a progress bar."""
            with progress_bar() as bar:
                watch = SweepsWatch(bar, sweeps)
                return _run(orders, watch, classifier, minutes, cluster=there, precision=precision, as_is=as_is)

        runs = unless_wrong(work, as_is)
    outcomes = _outcomes(runs, requirements, len(subject.dataset))
    write_junit(junit_file, outcomes, strict)
    if folder is not None:
        made("run", folder)
        whole = sum(run.complete for run in runs)
        if minutes is not None and precision is None and whole < len(runs):
            out_of_time(f"{whole:,} of {counted(len(runs), 'sweep')} finished")
    show_sweeps(runs, folder, orders[0].folder, outcomes, as_json)
    exit_if_failed(outcomes, strict)


def _orders(subject: Subject, configs: Sequence[SweepConfig], out: Path | None) -> tuple[list[Order], Path | None]:
    """Return the runs to make, and the folder around them if there are several."""
    if len(configs) == 1:
        return [Order("sweep", subject, configs[0], out)], None
    folder = out or default_folder("robustness", subject, configs[0])
    if is_run(folder):
        raise InputError(
            f"{folder} is a run folder; expected a folder for the runs of all degradations: choose another."
        )
    return [Order("sweep", subject, config, folder / config.degradation.name) for config in configs], folder


def _configs(names: Sequence[str], copies: int | None, seed: int) -> list[SweepConfig]:
    """Return a sweep of each family at its own severities; `copies` applies to families that draw random numbers."""
    families = [get_degradation(name) for name in names]
    return [SweepConfig(copies=copies if f.random else None, seed=seed, degradation=f) for f in families]


def _run(
    orders: Sequence[Order], watch: SweepsWatch, classifier: "Classifier", minutes: float | None, **given: Any
) -> list[SweepRun]:
    """Make the runs one after the other; the clean images are scored once for all.

    minutes: for all runs; each has the same share of what is left.
    """
    runs: list[SweepRun] = []
    began = time.perf_counter()
    for order in orders:
        left = len(orders) - len(runs)
        share = None if minutes is None else max(minutes - (time.perf_counter() - began) / 60, SHORTEST) / left
        watch.begin()
        scored_in = [run.path for run in runs[:1]]
        runs.append(order.run(classifier, on_progress=watch.on_progress, scored_in=scored_in, minutes=share, **given))
        watch.finish()
    return runs


def _outcomes(runs: Sequence[SweepRun], requirements: Sequence[Requirement], given: int) -> list[Outcome]:
    """Return the outcomes of requirements on these sweeps of so many images given."""
    if not requirements:
        return []
    note = next((run.input_note for run in runs if run.input_note), None)
    return with_note(check(Figures.of(runs, given), requirements, by=SWEEP), note)


def _state(
    sweeps: Sequence[tuple[str, int]],
    images: int,
    speed: float | None,
    minutes: float | None,
    precision: float | None,
) -> None:
    """State the total work, and when it stops."""
    rows = sum(rows for _, rows in sweeps)
    title = f"{len(sweeps)} sweeps" if len(sweeps) > 1 else sweeps[0][0]
    what = f"{title}: {rows:,} degraded images of {counted(images)}"
    known = None if precision is None else f"an accuracy within {precision:g} points"
    state_work(what, rows, speed, minutes=minutes, known=known)


def _title(config: SweepConfig) -> str:
    """Return the caption of the progress bar."""
    title = config.degradation.short_title
    return f"{capital(title)} sweep"
