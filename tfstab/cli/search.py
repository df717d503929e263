"""`tfstab search`: minimum noise."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.classifier import Classifier
from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.engine_settings import engines_in_words
from tfstab.cli.observing import made
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
from tfstab.cli.output import RESUME, echo, long_work, print_json, print_table, progress_bar, remark, remark_on, remarks
from tfstab.cli.panels import MEASURE_PANEL, RARE_PANEL, RESULTS_PANEL
from tfstab.cli.search_watch import SearchWatch
from tfstab.cli.workload import clean_speed, state_work
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.models import import_modules
from tfstab.orders import ImageOptions, ModelOptions, Order, Subject, default_model
from tfstab.orders.shell import command
from tfstab.paths import user_path
from tfstab.report.tables import search_class_table, search_table
from tfstab.runs.files import find_parts
from tfstab.search import SearchConfig, SearchRun
from tfstab.search.norm import NORMS, get_norm, sized
from tfstab.search.refine import FULL, LEAST
from tfstab.wording import counted

LONGEST_TABLE = 100  # images whose results are printed
_DEFAULTS = SearchConfig()


def search(
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
        typer.Option("--out", help="The run folder; an existing run is resumed.", rich_help_panel=RESULTS_PANEL),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            help="Exit with code 1 if the median of the minimum noise, in the norm of --norm, is smaller than this.",
            metavar="GREYLEVELS",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help=f"{engines_in_words()} If the model has gradients, boundary is usually much faster than pygad and "
            "finds about as little noise.",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = _DEFAULTS.engine,
    refine: Annotated[
        bool,
        typer.Option("--refine", help="Reduce the noise found further, with gradients.", rich_help_panel=MEASURE_PANEL),
    ] = False,
    refine_gradients: Annotated[
        int | None,
        typer.Option(
            help=f"Refine with at most N gradients for each image, {LEAST} or more; --refine alone allows {FULL}.",
            metavar="N",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    norm: Annotated[
        str,
        typer.Option(
            help=f"Norm of the noise to minimise: {', '.join(NORMS)}. l2 is the Euclidean length, linf the largest "
            "change of a value, l1 the sum of all changes, l0 the number of values that change.",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = _DEFAULTS.norm,
    max_queries: Annotated[
        int | None,
        typer.Option(
            help="Maximum number of degraded images that the engine scores for one image. Refinement, and the check "
            "and 8-bit repair of each result come on top.",
            metavar="N",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Stop after M minutes, with the images finished by then.",
            metavar="M",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            help="Stop once the median noise is known within P per cent (95 % interval).",
            metavar="P",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Class, by name or number, that the noise must lead to; by default any wrong one.",
            metavar="CLASS",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Image file of the images' size, white where pixels may change.", rich_help_panel=MEASURE_PANEL
        ),
    ] = None,
    lambda_: Annotated[
        float,
        typer.Option(
            "--lambda", help="Weight of the norm in the paper's eq. 2, per grey level.", rich_help_panel=RARE_PANEL
        ),
    ] = _DEFAULTS.lambda_,
    beta: Annotated[
        float,
        typer.Option(
            help="Weight of the true class's score before the flip, in the paper's eq. 3; by default 1e8.",
            show_default=False,
            rich_help_panel=RARE_PANEL,
        ),
    ] = _DEFAULTS.beta,
    settings: Any = None,
    seed: Seed = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    damaged: Damaged = "fail",
    data_dir: DataDir = None,
    imports: Imports = None,
    as_is: AsIs = False,
) -> None:
    """Find the minimum noise that makes the model misclassify each image (the paper's section 3)."""
    if refine_gradients is not None and refine_gradients < LEAST:
        raise InputError(f"--refine-gradients is {refine_gradients}; expected {LEAST} or more.")
    import_modules(imports or ())  # they may register the engine
    config = SearchConfig(
        engine,
        seed=seed,
        max_queries=max_queries,
        refine=refine if refine_gradients is None else refine_gradients,
        norm=norm,
        lambda_=lambda_,
        beta=beta,
        **settings,
    )
    if fail_under is not None and not 0 < fail_under < math.inf:
        raise InputError(f"--fail-under is {fail_under:g}; expected a norm above 0.")
    check_stops(minutes, precision)
    chosen = ImageOptions(data, split, data_dir, limit, images, resize, damaged)
    subject = Subject(
        ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes, threshold),
        chosen,
        target,
        mask,
    )
    order = Order("search", subject, config, out)
    with remarks():
        out = order.folder
        dataset, _ = subject.aimed
        left_out = len(subject.dataset) - len(dataset)
        if left_out:
            remark(f"{counted(left_out)} of the target class {'is' if left_out == 1 else 'are'} left out")
        remark_on(subject)  # loads the model before the progress bar begins
    with long_work(RESUME), computing_on(cluster, workers) as there:
        begun = bool(find_parts(user_path(out)))
        _state(config, dataset, None if begun or cluster is not None else subject.classifier, minutes, precision)
        given: dict[str, Any] = {"minutes": minutes, "precision": precision, "cluster": there}
        run = unless_wrong(lambda as_is: _search(order, as_is, **given), as_is)
    table, summary = search_table(run, run.class_names), run.in_numbers()
    if as_json:
        by_class = search_class_table(run, run.class_names)
        print_json(
            {
                "run": str(out),
                "summary": summary.to_json(),
                "notes": run.notes,
                "classes": by_class.records()[:-1],  # the last row, all classes together, is the summary
                "images": table.records(),
            }
        )
    else:
        print_table(table, LONGEST_TABLE)
        print_table(search_class_table(run, run.class_names))
        so_far = [] if run.complete else [f"So far {run.extent}."]
        for line in (*so_far, *summary.lines(), *run.notes):
            echo(line)
        print_run(out)
    if fail_under is not None:
        if not summary.needed:
            remark("no image is right when clean, so none has a minimum noise")
            raise typer.Exit(1)
        if not math.isfinite(summary.size.median):
            remark("noise was found for too few images to know the median, so --fail-under decides nothing")
        if summary.size.median < fail_under:
            measure = get_norm(summary.norm)
            median = f"{sized(measure, summary.size.median)} {measure.unit}"
            remark(f"the median {measure.title} of {median} is under {fail_under:g}")
            raise typer.Exit(1)


def _search(order: Order, as_is: bool, **given: Any) -> SearchRun:
    """Make the run, with a progress bar."""
    dataset, _ = order.subject.aimed
    with progress_bar() as bar:
        watch = SearchWatch(bar, len(dataset), order.folder, dataset, order.config.norm)
        # Searches on a cluster cannot be observed.
        observer = watch.on_generation if given["cluster"] is None else None
        given |= {"on_clean": watch.on_clean, "as_is": as_is}
        run: SearchRun = order.run(on_generation=observer, on_result=watch.on_result, **given)
        watch.finish()
    return run


def _state(
    config: SearchConfig,
    dataset: Dataset,
    classifier: Classifier | None,
    minutes: float | None,
    precision: float | None,
) -> None:
    """State the total work, and how long the scoring takes if a classifier is given that needs no gradients for it."""
    scored = len(dataset) * config.most_scored
    speed = None
    if classifier is not None and not config.needs_gradients:
        speed = clean_speed(classifier.for_images(dataset.image_shape), dataset.images)
    of_each = f"at most {config.most_scored:,} degraded images of each"
    what = f"minimum noise of {counted(len(dataset))}: {of_each}"
    known = None if precision is None else f"a median noise within {precision:g} %"
    state_work(what, scored, speed, searching=True, minutes=minutes, known=known)


def print_run(out: Path) -> None:
    """Print where the run is and how to look at it."""
    made("run", out)
    echo(f"\nThe run is in {out}; look at it with: {command('view', out)}")
