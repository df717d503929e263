"""`tfstab harden`: make a model more stable against degradations, and measure what that changed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress as Bar

from tfstab.classifier.class_names import parse_class_names
from tfstab.cli.next_steps import print_steps
from tfstab.cli.observing import made, observer, out_of_time
from tfstab.cli.options import (
    Classes,
    Damaged,
    DataDir,
    Imports,
    Json,
    NoSearch,
    Outputs,
    Preprocess,
    Resize,
    Seed,
    Split,
    Threshold,
    Trust,
)
from tfstab.cli.output import (
    echo,
    err,
    long_work,
    print_json,
    print_table,
    progress_bar,
    remark,
    remark_on,
    remarks,
    say,
)
from tfstab.cli.panels import RESULTS_PANEL, TRAINING_PANEL
from tfstab.datasets.namesake import HELP
from tfstab.errors import InputError
from tfstab.models import import_modules
from tfstab.orders.degradations import ALL, degradations_named
from tfstab.orders.hardening import MINUTES
from tfstab.orders.shell import command, joined
from tfstab.orders.step import Step, words_of
from tfstab.parsing import parse_ranges
from tfstab.runs.files import SIDES
from tfstab.training.remedies import NAMES, REMEDIES, WITHOUT_TRAINING
from tfstab.wording import counted, percent

if TYPE_CHECKING:
    from tfstab.report.harden_progress import HardenProgress
    from tfstab.report.hardening import Hardening

GO_ON = "run the same command again to go on."


def harden(
    model: Annotated[
        str | None,
        typer.Argument(
            help="A bundled network, a .keras file or, with --trust, an .h5 file or a SavedModel folder; by default "
            "the network of the data set. It stays unchanged.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Test images: a data set, or a folder or file of images (see `tfstab datasets`); by default the test "
            "images of --train; if it has none, a fifth of its images is held out. Unless --train or DATA has a split "
            f"val, a quarter of the test images is set aside for validation and not compared. {HELP}",
            show_default=False,
        ),
    ] = None,
    train: Annotated[
        str | None,
        typer.Option(
            "--train",
            help="Training images: a data set, or a folder or file of images; by default the training images of DATA.",
        ),
    ] = None,
    test: Annotated[str | None, typer.Option("--data", help="The same as DATA, the test images.")] = None,
    minutes: Annotated[
        float,
        typer.Option(
            "--minutes", help="Time for the whole command: training, measuring and writing the report.", metavar="M"
        ),
    ] = MINUTES,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="Degradations to harden against, each with its weakest and strongest severity if wanted, as in "
            "fog,gaussian_noise@5:40; by default all built-in ones. all,rain adds your own degradation rain to these.",
            metavar="NAME,NAME@A:B,...",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for the hardened model, its runs and the report; an existing hardening is continued.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    as_json: Json = False,
    keep_clean: Annotated[
        float,
        typer.Option(
            "--keep-clean",
            help="Percentage points of clean accuracy that may be lost, measured on validation images: those of a "
            "split val or validation, or else a quarter of the test images, which the comparison then leaves out.",
            metavar="P",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = 1.0,
    remedy: Annotated[
        str,
        typer.Option(
            help=f"How to train: {', '.join(REMEDIES)}; or {WITHOUT_TRAINING}, for the best of the remedies that need "
            "no training.",
            metavar="|".join(NAMES),
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = "mixture",
    clean_share: Annotated[
        float,
        typer.Option(
            "--clean-share",
            help="Share of the training images that stay clean, from 0 to 1; for mixtures of degradations only.",
            metavar="S",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = 0.25,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            help="Training steps, fewer if the minutes do not allow so many; by default as many as the minutes allow. "
            "With the same number, two trainings are equally long.",
            metavar="N",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = None,
    degradation: Annotated[
        str,
        typer.Option(
            help="Degradations to measure, whether hardened against or not; by default all of `tfstab degradations`.",
            metavar="NAME,NAME,...",
            show_default=False,
        ),
    ] = ALL,
    no_search: NoSearch = False,
    seed: Seed = 0,
    preprocess: Preprocess = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    classes: Classes = None,
    trust: Trust = False,
    imports: Imports = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", help="Use a stratified sample of N test images, with each class's share.", metavar="N"),
    ] = None,
    resize: Resize = None,
    split: Split = "test",
    data_dir: DataDir = None,
    damaged: Damaged = "fail",
) -> None:
    """Make a model more stable: fine-tune it on degraded images, and compare it with the original."""
    began, asked = time.perf_counter(), dict(locals())  # which are the parameters alone
    if data is not None and test is not None:
        raise InputError(f"test images were given twice, '{data}' and --data {test}; expected one of them.")
    data = test if data is None else data
    del asked["as_json"]  # it is not repeated in what is proposed
    import_modules(imports or ())  # they may register degradations
    from tfstab.orders.hardening import hardening_subject
    from tfstab.report.harden import check_harden, harden_config, run_harden

    ranges = None if against is None else parse_ranges(against, "--against")
    config = harden_config(remedy, ranges, clean_share=clean_share, keep_clean=keep_clean, steps=steps, seed=seed)
    names = degradations_named(degradation)
    check_harden(minutes, out, names)
    loading: dict[str, Any] = {"split": split, "data_dir": data_dir, "limit": limit, "resize": resize}
    loading |= {"damaged": damaged}
    loading |= {"preprocess": preprocess, "outputs": outputs, "threshold": threshold, "trust": trust}
    loading |= {"imports": imports or ()}
    with remarks():
        class_names = None if classes is None else parse_class_names(classes)
        subject = hardening_subject(model, data, train, class_names=class_names, remedy=remedy, **loading)
        remark_on(subject)
    with long_work(GO_ON), progress_bar() as bar:
        watch = _Watch(bar)
        given: dict[str, Any] = {"degradations": names, "search": not no_search, "on_progress": watch.on_progress}
        hardening = run_harden(subject, config, minutes=minutes, out=out, asked=asked, began=began, **given)
        watch.finish()
    if hardening.comparison is not None and (missing := len(hardening.left_out)):
        measured = len(hardening.comparison.families)
        out_of_time(f"{measured:,} of {counted(measured + missing, 'degradation')} measured before and after")
    if as_json:
        print_json(hardening.to_json())
    else:
        more = {} if hardening.enough_minutes is None else {"minutes": hardening.enough_minutes}
        _print(hardening, words_of("harden", asked | more))


def _print(hardening: "Hardening", again: Sequence[str]) -> None:
    """Print what changed, the paths of the hardened model, the report and the runs, and what to do next.

    again: the words of the command as it was given, with as many minutes as it takes for useful intervals.
    """
    from tfstab.report.harden_tables import degradations_table, tried_table
    from tfstab.report.hardening_advice import advice

    say(f"\n{hardening.summary()}\n")
    unchanged = hardening.comparison is None
    if hardening.comparison is not None and (table := degradations_table(hardening.comparison)) is not None:
        print_table(table)
    if "cannot_train" in hardening.card and (tried := tried_table(hardening.card)) is not None:
        print_table(tried)
    if hardening.model is None:
        why = "the original was left unchanged" if unchanged else "it cannot be saved as a .keras file"
        echo(f"model:  not written, as {why}")
    elif unchanged:
        echo(f"model:  the original; {hardening.model} has the same weights")
    else:
        made("model", hardening.model)
        echo(f"model:  {hardening.model}")
    made("report", hardening.report)
    echo(f"report: {hardening.report}")
    if not unchanged:
        runs = [hardening.path / side for side in SIDES]
        for run in reversed(runs):  # the viewer shows the first one, and compares it with the other
            made("run", run)
        echo(f"runs:   {joined(*runs)}; look at them with: {command('view', *runs)}")
    steps = [*hardening.larger, *_of_hardened(hardening), *hardening.control]
    if hardening.goes_on and hardening.all_compared:
        steps.append(
            Step(
                again,
                "the minimum noise of more images; other intervals hardly narrow, as all images are compared already",
            )
        )
    elif hardening.goes_on:
        steps.insert(0, Step(again, "a more precise comparison, without training again"))
    print_steps(steps)
    for number, sentence in enumerate(advice(hardening), start=len(steps)):
        echo(f"{'' if number else 'next:':7} {sentence}")


def _of_hardened(hardening: "Hardening") -> list[Step]:
    """Return the commands that report on the hardened model, compare a class, and show the prediction for a picture.

    [] if its runs or its file are missing, and for a control, which nobody wants to use.
    """
    from tfstab.training.control import is_control

    if hardening.comparison is None or hardening.model is None or is_control(hardening.card):
        return []
    runs = hardening.path / SIDES[1]
    report = words_of("report", {"runs": [runs], "out": hardening.path / f"{runs.name}.html"})
    compare = ["compare", *(str(hardening.path / side) for side in SIDES), "--class=NAME"]
    inspect = words_of("inspect", {"run": runs, "picture": "PICTURE", "true_class": "NAME"})
    return [
        Step(report, "a report on the hardened model alone, from its images in the comparison"),
        Step(compare, "recall and false alarms of a class that matters most to you, before and after"),
        Step(inspect, "what the hardened model makes of a picture of your own, or of a folder of them"),
    ]


class _Watch:
    """Shows the progress of a hardening, with a bar for each stage."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.tasks: dict[str, Any] = {}

    def on_progress(self, progress: "HardenProgress") -> None:
        """Show how far a stage has got; a new stage ends the one before it."""
        stage = "minimum noise" if progress.what == "minimum noise" else progress.stage
        if stage not in self.tasks:
            self.finish()
            if not err.is_terminal and observer() is None:  # where the bar appears only once it has ended
                remark(f"{stage} ...")
            self.tasks[stage] = self.bar.add_task(stage, total=None, unit=progress.unit, note="")
        note = "" if progress.what == stage else progress.what
        if progress.clean is not None:
            note = f"clean validation accuracy {percent(progress.clean, 1)}"
        total = progress.total or None
        self.bar.update(self.tasks[stage], total=total, completed=progress.done, note=note)

    def finish(self) -> None:
        """Clear the notes, fill bars without steps, and say of a bar that is not full that the time was used up."""
        for task in self.bar.tasks:
            if not task.total:
                self.bar.update(task.id, total=1, completed=1)
            cut_short = task.total is not None and task.completed < task.total
            self.bar.update(task.id, note="(all that there was time for)" if cut_short else "")
