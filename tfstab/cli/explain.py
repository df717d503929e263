"""`tfstab explain`: why a model loses images, with a report page."""

import math
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.progress import Progress as Bar

from tfstab.assessment import words
from tfstab.cli.next_steps import print_next
from tfstab.cli.observing import made, out_of_time
from tfstab.cli.options import (
    AsIs,
    Classes,
    Damaged,
    DataArgument,
    DataDir,
    Images,
    Imports,
    Json,
    ModelArgument,
    Outputs,
    Preprocess,
    Resize,
    Seed,
    Split,
    Threshold,
    Trust,
)
from tfstab.cli.output import (
    PERCENT,
    RESUME,
    echo,
    long_work,
    print_json,
    print_table,
    progress_bar,
    remark,
    remark_on,
    remarks,
    say,
)
from tfstab.cli.panels import MEASURE_PANEL, RESULTS_PANEL
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.groups import drawn_in
from tfstab.datasets.remarks import DAMAGED_LEFT_OUT, count_in
from tfstab.explanation import ExplanationConfig, ExplanationRun
from tfstab.explanation.analyses import names
from tfstab.explanation.budget import Budget, check_explained
from tfstab.explanation.config import COPIES, QUERIES, SIGMA
from tfstab.explanation.running import MOST_IMAGES, Progress
from tfstab.metrics.chance import one_is_common
from tfstab.metrics.weak_groups import FEWEST
from tfstab.models import own_data
from tfstab.names import quoted
from tfstab.orders import ImageOptions, ModelOptions, Order, Subject, count_images, default_model
from tfstab.orders.shell import command
from tfstab.parsing import parse_names
from tfstab.report.tables import Table
from tfstab.wording import counted, roughly

# The time left is estimated after this share of the work or so many seconds, as the first parts compile the network,
# and said if it is at least so many seconds.
SHARE, LATEST, SHORT = 0.1, 60.0, 20.0


def explain(
    model: ModelArgument = None,
    data: DataArgument = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            help=f"Explain a stratified sample of N images; {MOST_IMAGES} by default, or all of --images.",
            metavar="N",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", help="Time for everything, the report included.", metavar="M"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="The run folder; an existing explanation is resumed.", rich_help_panel=RESULTS_PANEL
        ),
    ] = None,
    as_json: Json = False,
    sigma: Annotated[
        float,
        typer.Option(help="Standard deviation of the random noise, in grey levels.", rich_help_panel=MEASURE_PANEL),
    ] = SIGMA,
    copies: Annotated[
        int, typer.Option(help="Noisy copies of each image.", metavar="N", rich_help_panel=MEASURE_PANEL)
    ] = COPIES,
    max_queries: Annotated[
        int,
        typer.Option(
            help="Degraded images scored in the search for the minimum noise of each image.",
            metavar="N",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = QUERIES,
    only: Annotated[
        str | None,
        typer.Option(
            help=f"Analyses to make: {', '.join(names())}. By default all that the model allows.",
            metavar="NAME,NAME,...",
            rich_help_panel=MEASURE_PANEL,
        ),
    ] = None,
    seed: Seed = 0,
    preprocess: Preprocess = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    classes: Classes = None,
    trust: Trust = False,
    imports: Imports = None,
    images: Images = None,
    resize: Resize = None,
    split: Split = "test",
    data_dir: DataDir = None,
    damaged: Damaged = "fail",
    as_is: AsIs = False,
) -> None:
    """Find out why noise makes a model misclassify images: in which layer, direction and frequency. Writes a report.

    Why one image is lost under any degradation: `tfstab inspect RUN --image IMAGE --why`.
    """
    budget = Budget(minutes, page=True)
    config = ExplanationConfig(sigma, copies, max_queries, seed, parse_names(only))
    sampled = limit if limit is not None or images is not None else MOST_IMAGES
    chosen = ImageOptions(data, split, data_dir, sampled, images, resize, damaged)
    options = ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes, threshold)
    subject = Subject(options, chosen)
    order = Order("explanation", subject, config, out)
    order.check()
    with remarks():
        folder = order.folder
        remark_on(subject)
        if limit is None and images is None:
            _remark_on_sample(subject, data or own_data(options.name), split)
    with long_work(RESUME):

        def work(asked: bool) -> tuple[ExplanationRun, Path]:
            """Explain the model; a question is not part of the time."""
            return _explain(order, minutes, budget if asked == as_is else Budget(minutes, page=True), asked)

        run, page = unless_wrong(work, as_is)
    if as_json:
        print_json(explanation_json(run) | {"report": str(page)})
        return
    print_explanation(run)
    echo(f"report: {page}")
    echo(f"run:    {folder}; one image of it: {command('inspect', folder)} --image N")
    if not run.complete:
        out_of_time(run.extent)
        echo(f"the time was enough for {run.extent}; {_how_to_go_on(run)}")
    print_next(subject, explained=run)


def _how_to_go_on(run: ExplanationRun) -> str:
    """Return how an unfinished explanation goes on: with more of the images that were given if these may decide."""
    from tfstab.explanation.cause import causes_of
    from tfstab.explanation.undecided import undecided

    if undecided(run, causes_of(run)).images:
        return "the first command below goes on from there."
    return "run the same command again to go on from there, or give it more --minutes."


def _explain(order: Order, minutes: float | None, budget: Budget, as_is: bool) -> tuple[ExplanationRun, Path]:
    """Make the run and its report, with progress bars."""
    with progress_bar() as bar:
        watch = ExplanationWatch(bar, len(order.subject.dataset), minutes, budget.began)
        run = order.run(on_progress=watch.on_progress, minutes=budget, as_is=as_is)
        watch.finish(run)
        check_explained(run, budget)
        page = _write_page(run, bar)
        made("report", page)
    return run, page


def _remark_on_sample(subject: Subject, data: str | None, split: str) -> None:
    """Say that a sample is explained, if it is one."""
    taken = len(subject.dataset)
    there = count_images(data, split) if data else None  # files, damaged ones among them
    there = there and there - count_in(subject.dataset.remarks, DAMAGED_LEFT_OUT)
    if drawn := drawn_in(subject.dataset.remarks):
        there = drawn[0]
    if taken == MOST_IMAGES and there != taken:
        of = f" of {there:,}" if there else ""
        remark(f"a stratified sample of {taken:,}{of} images is explained; --limit takes more or fewer")
        if few := _few_of_rare_class(subject.dataset, there):
            remark(few)


def _few_of_rare_class(sample: Dataset, available: int | None) -> str:
    """Return that a sample has too few images of a rare class to explain it, and which would have enough; or "".

    available: number of all images, None if it is not known.
    """
    counts = np.bincount(sample.labels)
    there = np.flatnonzero(counts)
    if AS_PREDICTED in sample.remarks or not one_is_common(counts.tolist()):
        return ""
    rarest = int(there[counts[there].argmin()])
    if counts[rarest] >= FEWEST:
        return ""
    others = int((counts[there] < FEWEST).sum()) - 1
    more = f", and fewer than {FEWEST} of {counted(others, 'other class', 'other classes')}" if others else ""
    wanted = math.ceil(FEWEST / counts[rarest] * len(sample))
    wanted = wanted if available is None else min(wanted, available)
    return (
        f"the sample has only {counted(int(counts[rarest]))} of class "
        f"{quoted(words.name(sample.class_names[rarest]))}{more}, so the explanation says little about "
        f"{'these classes' if others else 'it'}; --limit {wanted} takes more"
    )


class ExplanationWatch:
    """Shows an explanation in a progress bar: in images, of which the analyses are parts, or as a share of its time.

    Parameters
    ----------
    bar : rich.progress.Progress
        The bar.
    images : int
        Images to explain.
    minutes : float, optional
        The time, if it is limited.
    began : float, optional
        When the time began, in the time of `time.perf_counter`; by default now.
    """

    def __init__(self, bar: Bar, images: int, minutes: float | None = None, began: float | None = None) -> None:
        self.bar, self.images, self.seconds = bar, images, None if minutes is None else 60 * minutes
        self._began, self._first, self._said = time.perf_counter() if began is None else began, -1.0, False
        total, unit = (images, "images") if self.seconds is None else (100, PERCENT)
        self.task = bar.add_task("explanation", total=total, unit=unit, note="")

    def on_progress(self, progress: Progress) -> None:
        """Show how much of the work is done, or of the time if it will be over sooner, and what is at work."""
        done = progress.done / progress.total if progress.total else 1.0
        if self.seconds is None:
            self._estimate(done)
            completed = int(done * self.images)
        else:
            passed = (time.perf_counter() - self._began) / self.seconds
            completed = int(100 * min(1.0, max(done, passed)))
        self.bar.update(self.task, completed=completed, note=progress.what)

    def _estimate(self, done: float) -> None:
        """Say once how long the rest will take, unless it is short. done: the share of the work."""
        if self._first < 0:
            self._first, self._began = done, time.perf_counter()  # the clean images are scored
        passed, share = time.perf_counter() - self._began, done - self._first
        left = (1 - done) * passed / share if share > 0 else 0.0
        if not self._said and (share >= SHARE or passed >= LATEST) and left >= SHORT:
            self._said = True
            remark(f"at most about {roughly(left)} more, judged by the first {roughly(passed)}; --minutes sets a limit")

    def finish(self, run: ExplanationRun) -> None:
        """Show how many images are explained; an explanation that was stopped does not fill the bar."""
        self.bar.update(self.task, completed=len(run.rows), total=self.images, unit="images", note="")


def _write_page(run: ExplanationRun, bar: Bar) -> Path:
    """Write the report page, with a bar of its own."""
    from tfstab.report.explain import write_page

    task = bar.add_task("report", total=None, unit="", note="")
    return write_page(run, lambda what, done, total: bar.update(task, completed=done, total=total, note=what))


def print_explanation(run: ExplanationRun) -> None:
    """Print the causes in words, and a table of the layers."""
    from tfstab.explanation.gain import layer_table
    from tfstab.report.explanation.layers import ONE_IMAGE, layers_table

    say(f"\n{run.summary()}\n")
    layers = layer_table(run)
    if layers:
        print_table(layers_table(layers))
    elif run.has("layers") and len(run.rows) == 1:
        echo(f"{ONE_IMAGE}\n")


def explanation_json(run: ExplanationRun) -> dict[str, Any]:
    """Return causes, layers, and the tables of all topics, for --json."""
    from tfstab.explanation.cause import causes_of
    from tfstab.report.explanation.topics import sections_of

    topics = {}
    for name, section in sections_of(run).items():
        tables = {part.title: part.records() for part in section.parts if isinstance(part, Table)}
        topics[name] = {"title": section.title, "lines": [*section.lines], "tables": tables}
    return {
        "run": str(run.path),
        "images": len(run.rows),
        "complete": run.complete,
        "causes": [{"title": cause.title, "text": cause.text} for cause in causes_of(run)],
        "topics": topics,
    }
