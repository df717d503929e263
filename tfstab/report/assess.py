"""`tfstab.assess`: from a model and images to runs, figures, verdict and report, within a budget of time."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tfstab.assessment.damage import damage_of
from tfstab.assessment.lines import PlainLines, Warnings
from tfstab.assessment.opened import Assessment
from tfstab.assessment.plan import CAUTION, Clock
from tfstab.assessment.required import Requirement, parse_requirements
from tfstab.assessment.required_classes import check_labelled, with_classes
from tfstab.assessment.requirements import check_planned
from tfstab.assessment.results import (
    IMAGE_SECONDS,
    NEXT_STEPS,
    REPORT_SECONDS,
    SECONDS,
    SETTINGS,
    earlier_seconds,
    input_entries,
    measured_before,
)
from tfstab.assessment.running import MOST_RESERVED, Running
from tfstab.assessment.state import OnState
from tfstab.checks import checked_seed
from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.degradations import Degradation, degradation_names
from tfstab.execution import cores
from tfstab.execution.stopping import check_stops
from tfstab.explanation import ExplanationRun
from tfstab.orders import ImageOptions, Loaded, Subject, run_name, subject_of
from tfstab.orders.degradations import families_of
from tfstab.orders.next_steps import next_steps
from tfstab.orders.output_names import names_confirmed
from tfstab.orders.python_steps import python_steps
from tfstab.orders.repair import repair_line
from tfstab.orders.step import Call, Step
from tfstab.paths import user_path
from tfstab.report.assess_folder import LOCK, WORK, check_folder, recording, write_results
from tfstab.report.assess_required import add_outcomes, all_decided, raise_after_report
from tfstab.report.run_report import write_report
from tfstab.report.wrong_images import wrong_sentence
from tfstab.runs.files import find_scores
from tfstab.runs.locking import locked
from tfstab.runs.writer import note_kept
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MINUTES = 5.0
END_SECONDS = 5.0  # that figures and report take, where that was not measured yet


class Assessed(Protocol):
    """A model and images, each loaded when it is first needed."""

    @property
    def classifier(self) -> "Classifier":
        """The model."""

    @property
    def dataset(self) -> Dataset:
        """The images."""

    @property
    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults and that an assessment that is continued must repeat."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended an assessment, whose report has been written; the message says where, and how to go on.

    Attributes
    ----------
    assessment : Assessment
        What is there.
    """

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(
            f"what is finished is kept in {assessment.path}, and its report is {assessment.report}. Repeat the same "
            "call to go on; tfstab.open_assessment(folder) opens what is there."
        )
        self.assessment = assessment


def assess(
    model: Any = None,
    data: str | Path | Dataset | Any = None,
    *,
    minutes: float = MINUTES,
    out: str | Path | None = None,
    seed: int = 0,
    limit: int | None = None,
    degradations: Sequence[str | Degradation] | None = None,
    search: bool = True,
    require: Sequence[str] = (),
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
    split: str = "test",
    data_dir: str | Path | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    cluster: Any = None,
    as_is: bool = False,
    on_state: OnState | None = None,
) -> Assessment:
    """Assess how stable a classifier is, against what it breaks, and how sure that is.

    Measures the clean accuracy, the accuracy under every family of degradations, and the minimum noise of some images,
    as precisely as the time allows, and writes a report. An assessment that is there is continued: what was scored is
    kept, and made more precise in the minutes given.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        What `load_dataset` takes, such as a folder or a pair of arrays, or a data set; by default that of the bundled
        network. Of images with groups, one image of each group is taken.
    minutes : float
        Time for everything, the report included. An assessment that is continued gets this time in addition.
    out : str or Path, optional
        Folder of the assessment; by default `runs/assess-MODEL-DATA`.
    seed : int
        Seed of all random numbers.
    limit : int, optional
        Size of a stratified sample of the images; by default all of them may be used.
    degradations : sequence of str or Degradation, optional
        The families of degradations to measure, by the names that `tfstab degradations` lists or as objects; by default
        all.
    search : bool
        Whether to search for minimum noise, too, which takes about a quarter of the time. What an earlier call found is
        kept in any case.
    require : sequence of str
        Requirements such as "gaussian_noise@20:90" or "recall stop:95", as `tfstab assess --require` takes them. If one
        is about clean images, all of them are scored, unless this takes more than half of the time. The assessment ends
        early once all images have been used and all requirements are decided. `Assessment.outcomes` has the outcomes.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.
    split, data_dir, resize, damaged
        As in `load_dataset`.
    cluster : str or distributed.Client, optional
        As in `run_sweep`.
    as_is : bool
        Whether to measure the model even if other inputs or another order of classes make it far more accurate.
    on_state : callable, optional
        Gets an AssessmentState before and after each step. `print` itself gets fewer, readable lines: one for each
        degradation with a first estimate, and for each finished stage.

    Returns
    -------
    Assessment
        The opened folder: runs, figures, verdict and report.

    Raises
    ------
    InputError, ModelError, DataError
        Model and images cannot be read, or do not fit each other; without `as_is`, also if the model is far more
        accurate with another `preprocess` or other `class_names`, which the message names. Also if a requirement cannot
        be read, or is about a degradation, severity or class that will not be measured.
    RunError
        The folder holds other runs, or cannot be written.

    Warns
    -----
    UserWarning
        That another `preprocess` or other `class_names` would improve the accuracy somewhat, or only the scores.
        Without `on_state`, also what limits the results: images on which the model may have been trained, or by which
        its weights were chosen, or too few of them. With it, `AssessmentState.lines` has these notes.

    Examples
    --------
    >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
    >>> assessment.report.name, assessment.figures.clean.value
    ('report.html', 1.0)
    >>> required = tfstab.assess(classifier, digits, minutes=0.04, out="required", require=["clean:20"])
    >>> required.outcomes[0].status  # and its sentence, by print
    'met'
    """
    began = time.perf_counter()
    subject = subject_of(
        model,
        data,
        split=split,
        data_dir=data_dir,
        limit=limit,
        resize=resize,
        damaged=damaged,
        preprocess=preprocess,
        outputs=outputs,
        threshold=threshold,
        trust=trust,
        imports=imports,
        class_names=class_names,
    )
    watch = PlainLines(print, each=True) if on_state is print else on_state or Warnings()
    more: dict[str, Any] = {"degradations": degradations, "cluster": cluster, "as_is": as_is, "on_state": watch}
    more |= {"search": search, "require": parse_requirements(require)}
    return run_assessment(subject, minutes=minutes, out=out, seed=seed, began=began, **more)


def run_assessment(
    subject: Assessed,
    *,
    minutes: float | None = None,
    out: str | Path | None = None,
    seed: int = 0,
    degradations: Sequence[str | Degradation] | None = None,
    require: Sequence[Requirement] = (),
    cluster: Any = None,
    as_is: bool = False,
    search: bool = True,
    on_state: OnState | None = None,
    began: float | None = None,
) -> Assessment:
    """Assess a model on images: see `assess`.

    Parameters
    ----------
    subject : Subject
        Model and images.
    minutes, out, seed, degradations, cluster, as_is, search, on_state
        As in `assess`.
    require : sequence of Requirement
        Requirements whose outcomes are recorded. The assessment ends before its time once all images have been used and
        all requirements are decided.
    began : float, optional
        When the time began, in the time of `time.perf_counter`; by default now.

    Raises
    ------
    WrongInputsError
        Other inputs or classes fit the model far better, and `as_is` is false.
    Interrupted
        After Ctrl-C, when the report of what is there has been written.
    """
    minutes = MINUTES if minutes is None else minutes
    check_stops(minutes)
    seed = checked_seed(seed)
    families = families_of(degradations)
    check_planned(require, {family.name: family.severities for family in families})
    clock = Clock(60 * minutes, began)
    if out is not None:  # before anything is loaded
        check_folder(user_path(out))
    dataset, classifier = subject.dataset, subject.classifier
    check_labelled(require, AS_PREDICTED in dataset.remarks)
    changed = subject.changed | ({"seed": seed} if seed else {})
    default = Path("runs") / run_name("assess", classifier.name, dataset.name, changed)
    folder = user_path(default if out is None else Path(out))
    check_folder(folder)
    dataset = match_classes(classifier, dataset)  # requirements name classes as the results do
    require = with_classes(require, dataset.class_names, np.unique(dataset.labels).tolist())
    options: dict[str, Any] = {"seed": seed, "cluster": cluster, "as_is": as_is, "search": search}
    with locked(folder, LOCK, WORK):
        return _assess_in(folder, subject, dataset, families, require, clock, on_state, options)


def _assess_in(
    folder: Path,
    subject: Assessed,
    dataset: Dataset,
    families: Sequence[Degradation],
    require: Sequence[Requirement],
    clock: Clock,
    on_state: OnState | None,
    options: dict[str, Any],
) -> Assessment:
    """Assess into a folder that this process has locked.

    dataset: the images, with the classes of the model. options: further parameters of `Running`.
    """
    reserve = min(CAUTION * (earlier_seconds(folder) or END_SECONDS), MOST_RESERVED * clock.seconds)
    planned = [family.name for family in families]
    enough = partial(all_decided, require=require, planned=planned) if require else None
    repeat = {
        "minutes": clock.seconds / 60,
        "seed": options["seed"],
        "require": [one.text.strip() for one in require] or None,
        "degradation": None if planned == degradation_names() else ",".join(planned),
        "no_search": not options["search"],
    }
    options |= {"reserve": reserve, "enough": enough}
    settings = {SETTINGS: _settings(repeat, subject)}

    def entries() -> dict[str, Any]:
        return settings | input_entries(running.input_note, running.advised)

    options["on_state"] = recording(folder, entries, on_state)
    options["all_clean"] = any(r.on_clean for r in require)
    running = Running(subject.classifier, dataset, families, folder, clock, **options)
    try:
        running.run()
    except KeyboardInterrupt as stopped:
        if not any(len(run.parts) for run in running.runs):
            if find_scores(folder):  # of clean images
                note_kept(stopped, folder)
            raise
        # `from None`: the traceback of `stopped` would only show what was being computed at that moment.
        raise Interrupted(_finish(running, folder, require, planned, subject, repeat)) from None
    return _finish(running, folder, require, planned, subject, repeat)


def _settings(repeat: dict[str, Any], subject: Assessed) -> dict[str, Any]:
    """Return the options of a call that assessment.json records. repeat: see `Assessment`."""
    images = subject.images if isinstance(subject, Subject) else ImageOptions()
    settings = repeat | {"limit": images.limit, "images": images.images}
    return {name: value for name, value in settings.items() if value}


def _finish(
    running: Running,
    folder: Path,
    require: Sequence[Requirement],
    planned: Sequence[str],
    subject: Assessed,
    repeat: dict[str, Any],
) -> Assessment:
    """Write figures and report of what is there; return the assessment. planned: names of the families.

    Damaged runs, with which nothing was measured now, are left out. If the requirements cannot be checked, that is an
    error only after the report has been written.
    """
    began, clock = time.perf_counter(), running.clock
    seconds = measured_before(folder) + clock.elapsed
    running.show("report")
    given: dict[str, Any] = {"available": len(running.dataset), "unsearched": running.unsearched, "seconds": seconds}
    given |= {"advised": running.advised, "next_steps": []}
    assessment = Assessment(folder, running.input_note, skip_damaged=True, planned=planned, **given)
    runs: list[SweepRun | SearchRun | ExplanationRun] = [*assessment.whole]
    warnings = [finding.text for finding in assessment.verdict.of_kind("inputs", "unmeasured")]
    warnings += [assessment.unsearched] if assessment.unsearched else []
    warnings += [repair_line(damage, runs[0].info) for damage in assessment.damaged]
    if (why := assessment.explanation) is not None:
        lost = damage_of(why)
        runs += [why] if lost is None else []
        warnings += [f"The explanation is left out. {lost.reason}"] if lost is not None else []
    notes = [f"Measured in {seconds:.0f} s on {counted(cores(), 'core')}."]
    wrong, names = wrong_sentence(assessment.whole), names_confirmed(assessment, subject.classifier)
    hints = [f"{wrong} All of them: {Step(['inspect', str(folder)], '').elsewhere}"] if wrong else []
    hints += [names] if names else []
    extra: dict[str, Any] = {"minutes": clock.seconds / 60, SECONDS: round(seconds, 1), REPORT_SECONDS: None}
    extra[IMAGE_SECONDS] = running.image_seconds or None
    extra[SETTINGS] = _settings(repeat, subject)
    assessment.repeat, assessment.search_minutes = repeat, running.search_minutes if assessment.unsearched else 0
    problem = add_outcomes(assessment, require, planned)
    record = assessment.to_json(assessment.outcomes, **extra)
    write_results(folder, record)  # the report takes from it how many images were given
    steps = _steps(subject, assessment)
    assessment.next_steps = list(map(str, steps))
    record[NEXT_STEPS] = [f"{step.elsewhere}  # {step.why}" for step in steps]
    write_report(runs, assessment.report, notes=notes, warnings=warnings, steps=steps, hints=hints)
    write_results(folder, record | {REPORT_SECONDS: round(time.perf_counter() - began, 1)})
    running.show("finished")
    raise_after_report(problem, assessment.report)
    return assessment


def _steps(subject: Assessed, assessment: Assessment) -> Sequence[Step | Call]:
    """Return what to do next: commands or, for a model or images that exist only in Python, calls."""
    if isinstance(subject, Subject):
        return next_steps(subject, assessment=assessment)
    return python_steps(subject, assessment) if isinstance(subject, Loaded) else []
