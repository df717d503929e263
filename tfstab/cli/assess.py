"""`tfstab assess`: how stable a model is, against what it breaks and how sure that is, within a budget of time."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.assessment.opened import Assessment
from tfstab.assessment.outcomes import Outcome
from tfstab.assessment.results import RESULTS
from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.live_table import shown_assessment
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
    Limit,
    ModelArgument,
    NoSearch,
    Outputs,
    Preprocess,
    Resize,
    Seed,
    Split,
    Threshold,
    Trust,
)
from tfstab.cli.output import advise, echo, err, long_work, print_json, print_table, remark, say
from tfstab.cli.output import out as standard_output
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.cli.requiring import Junit, Require, Strict, exit_if_failed, print_outcomes, requirements_of, write_junit
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.datasets.groups import drawn_in
from tfstab.errors import InputError
from tfstab.models import import_modules
from tfstab.orders import ImageOptions, ModelOptions, Subject, default_model
from tfstab.orders.degradations import ALL, degradations_named
from tfstab.orders.repair import repair_line
from tfstab.orders.shell import command
from tfstab.wording import counted

GO_ON = "run the same command again to go on."
QUICK = 1.0  # minutes


def assess(
    model: ModelArgument = None,
    data: DataArgument = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            help="Time for everything, the report included; 5 by default. An assessment that is continued gets this "
            "time in addition.",
            metavar="M",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The same as --minutes 1.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder of the assessment; an existing one is continued.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    require: Require = None,
    junit_file: Junit = None,
    strict: Strict = False,
    as_json: Json = False,
    degradation: Annotated[
        str,
        typer.Option(
            help="Degradations to measure; by default all of `tfstab degradations`.",
            metavar="NAME,NAME,...",
            show_default=False,
        ),
    ] = ALL,
    no_search: NoSearch = False,
    seed: Seed = 0,
    cluster: Cluster = None,
    workers: Workers = None,
    preprocess: Preprocess = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    classes: Classes = None,
    trust: Trust = False,
    imports: Imports = None,
    limit: Limit = None,
    images: Images = None,
    resize: Resize = None,
    split: Split = "test",
    data_dir: DataDir = None,
    damaged: Damaged = "fail",
    as_is: AsIs = False,
) -> None:
    """Measure within a time limit how stable a model is under degradations. Ends with a verdict and a report."""
    began = time.perf_counter()
    import_modules(imports or ())  # they may register degradations
    requirements = requirements_of(require, junit_file, strict)
    chosen = ImageOptions(data, split, data_dir, limit, images, resize, damaged)
    options = ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes, threshold)
    subject = Subject(options, chosen)
    subject.check()
    given: dict[str, Any] = {"out": out, "seed": seed, "require": requirements, "began": began, "as_is": as_is}
    given |= {"degradations": degradations_named(degradation), "search": not no_search}
    assessment = assess_and_show(subject, minutes_of(minutes, quick), cluster, workers, **given)
    outcomes = assessment.outcomes
    write_junit(junit_file, outcomes, strict)
    if missing := len(assessment.unmeasured):
        measured = len(assessment.figures.families)
        out_of_time(f"{measured:,} of {counted(measured + missing, 'degradation')} measured")
    if as_json:
        print_json(json.loads((assessment.path / RESULTS).read_text("utf-8")))
    else:
        print_assessment(assessment, outcomes)
        print_next(subject, assessment=assessment)
        _tell_if_all_used(assessment, subject, limit)
    exit_if_failed(outcomes, strict)


def _tell_if_all_used(assessment: Assessment, subject: Subject, limit: int | None) -> None:
    """Say, if all images have been used, that more minutes hardly help, and which file has what --json prints."""
    given = len(subject.dataset)
    if given < 2 or assessment.unmeasured or any(len(family.images) < given for family in assessment.figures.families):
        return
    limited = limit is not None and given == limit
    more = "images of more groups" if drawn_in(subject.dataset.remarks) else "more images"
    advise(
        f"all {given:,} images{' of --limit' * limited} have been used: more minutes add copies, which hardly narrow "
        f"the intervals; {more} do{': raise --limit' * limited}. All figures are in {assessment.path / RESULTS}, as "
        "--json prints them."
    )


def minutes_of(minutes: float | None, quick: bool) -> float:
    """Return the minutes that --minutes and --quick ask for."""
    from tfstab.report.assess import MINUTES

    if quick and minutes is not None:
        raise InputError("--quick and --minutes were both given; expected one of them.")
    return QUICK if quick else MINUTES if minutes is None else minutes


def assess_and_show(
    subject: Subject,
    minutes: float,
    cluster: str | None = None,
    workers: int | None = None,
    **options: Any,
) -> Assessment:
    """Assess a model, and show how it goes; Ctrl-C ends with how to go on, and exit code 130.

    options: further arguments of `run_assessment`.
    """
    with long_work(GO_ON), computing_on(cluster, workers) as there:
        given = {"minutes": minutes, "cluster": there, **options}
        asked = given.pop("as_is", False)

        def work(as_is: bool) -> Assessment:
            """Assess the model; a question is not part of the time."""
            return _assess(subject, given | {"as_is": as_is} | ({} if as_is == asked else {"began": None}))

        return unless_wrong(work, asked)


def _assess(subject: Subject, given: dict[str, Any]) -> Assessment:
    """Assess a model, and show how it goes."""
    from tfstab.report.assess import Interrupted, run_assessment

    with shown_assessment() as on_state:
        try:
            return run_assessment(subject, on_state=on_state, **given)
        except Interrupted as stopped:
            remark(f"Report of what has been measured: {stopped.assessment.report}")
            raise


def print_assessment(assessment: Assessment, outcomes: Sequence[Outcome] = ()) -> None:
    """Print the verdict, the outcomes of requirements, and where the report and the runs are.

    Without a terminal, in which the live table was shown, also print what each degradation leaves.
    """
    from tfstab.report.changed import changed_notes
    from tfstab.report.wrong_images import wrong_sentence

    made("run", assessment.path)
    made("report", assessment.report)
    say(f"\n{assessment.summary()}")
    for damage in assessment.damaged:
        remark(repair_line(damage, assessment.whole[0].info))
    for note in changed_notes(assessment.whole):
        remark(note)
    if assessment.figures.families and not (standard_output.is_terminal and err.is_terminal):
        from tfstab.report.numbers import family_table

        echo()
        print_table(family_table(assessment.figures))
    print_outcomes(outcomes)
    if wrong := wrong_sentence(assessment.whole):
        echo(f"\n{wrong} All of them: {command('inspect', assessment.path)}")
    echo(f"\nreport: {assessment.report}")
    echo(f"runs:   {assessment.path}; look at them with: {command('view', assessment.path)}")
