"""Runs an assessment: clean accuracy, all families of degradations and minimum noise, within a budget of time."""

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.assessment.clean_sample import CleanSample
from tfstab.assessment.continuing import check_continued, check_degradations, continued_note
from tfstab.assessment.damage import check_undamaged
from tfstab.assessment.family_sweep import FamilySweep
from tfstab.assessment.noise_search import NoiseSearch, images_to_search, search_seconds
from tfstab.assessment.plan import CAUTION, SEARCH_GOAL, SEARCH_SHARE, SHARE_BEFORE_GOAL, Clock, choose
from tfstab.assessment.rare_sweeps import RareSweeps
from tfstab.assessment.restoring import restore_clean
from tfstab.assessment.results import slowdown
from tfstab.assessment.sample_size import checked_images, sample_size
from tfstab.assessment.speed import quick_speed_of, with_filled_batches, with_short_batches
from tfstab.assessment.state import AssessmentState, OnState, Stage
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images, describe_model, few_note, training_note
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED, stratified_order
from tfstab.degradations import GAUSSIAN_NOISE, Degradation
from tfstab.errors import RunError
from tfstab.execution import Executor, executor
from tfstab.explanation import ExplanationRun
from tfstab.metrics.estimate import accuracy_of
from tfstab.models.validation import validation_note
from tfstab.runs.files import SEARCH
from tfstab.runs.info import is_run, runs_in
from tfstab.search import SearchRun

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_RESERVED = 0.25  # of the time, for the report
SEARCH_STEPS = 3  # how many times as long as that of a sweep a step of the search is: it searches images together

Enough = Callable[[list[Any]], bool]


class Running:
    """An assessment at work.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset
        All images.
    families : sequence of Degradation
        Families of degradations to measure.
    out : Path
        Folder of the runs.
    clock : Clock
        The time that there is.
    reserve : float
        Seconds to keep for the report; more are kept if the machine is slower now than in the call before.
    seed : int
        Seed of all random numbers.
    cluster : optional
        As in `run_sweep`.
    as_is : bool
        Whether to go on with inputs or classes that are certainly wrong; otherwise `run` raises WrongInputsError.
    all_clean : bool
        Whether to score all clean images if that takes at most half of the time, as a requirement is about them.
    search : bool
        Whether to search for minimum noise, which takes about a quarter of the time; what was searched before is kept.
    on_state : callable, optional
        Gets an AssessmentState after each step.
    enough : callable, optional
        Gets the runs when all images have been used, and again when there are more copies; if it returns True, the
        assessment ends before its time. It is not asked before, as an answer that depends on how many images there are
        so far would be given too often by chance.

    Attributes
    ----------
    state : AssessmentState
        What is known at this moment.
    image_seconds : float
        Seconds for a degraded image, measured at the beginning; 0 before.
    """

    def __init__(
        self,
        classifier: "Classifier",
        dataset: Dataset,
        families: Sequence[Degradation],
        out: Path,
        clock: Clock,
        *,
        reserve: float,
        seed: int = 0,
        cluster: Any = None,
        as_is: bool = False,
        search: bool = True,
        all_clean: bool = False,
        on_state: OnState | None = None,
        enough: Enough | None = None,
    ) -> None:
        self.dataset = match_classes(classifier, dataset)
        fewest = min(len(family.severities) for family in families) * len(self.dataset)
        self.classifier = with_filled_batches(classifier.for_images(self.dataset.image_shape), fewest)
        self.out, self.clock, self.reserve, self.seed, self.cluster = out, clock, reserve, seed, cluster
        continued = continued_note(out, len(self.dataset), self.classifier.name)
        lines = describe_model(self.classifier), describe_images(self.dataset), continued
        notes = few_note(self.dataset), training_note(dataset), validation_note(self.classifier, self.dataset)
        others = {run.name for run in runs_in(out)} - {*(f.name for f in families), SEARCH, ExplanationRun.kind}
        told = tuple(filter(None, (*lines, *notes)))
        self.state = AssessmentState("reading", clock.seconds, clock.left, told, others=len(others))
        self._as_is, self._on_state, self._enough, self.searches = as_is, on_state, enough, search
        self._all_clean = all_clean
        self._judged: tuple[int, ...] = ()  # copies of each family when `enough` was asked
        self._order = stratified_order(self.dataset.labels)
        self._rare = RareSweeps(self.classifier, self.dataset, self._order, out, seed)
        self._sample: CleanSample | None = None
        self._kinds = sorted(families, key=lambda family: family.name != GAUSSIAN_NOISE.name)  # which comes first
        self._families: list[FamilySweep] = []
        self._search: NoiseSearch | None = None
        self._degraded = 0  # images that are planned to be degraded when a sweep is begun
        self.image_seconds = self._compiling = 0.0  # the second for compiling the scores
        self._beginning = 0.0  # seconds until the first degraded images

    @property
    def input_note(self) -> str | None:
        """What the check of the inputs said, "" for nothing; None before it."""
        return self._sample.note if self._sample is not None else None

    @property
    def advised(self) -> Mapping[str, str]:
        """The options of the model that the check of the inputs advised."""
        return self._sample.advised if self._sample is not None else {}

    @property
    def runs(self) -> list[Any]:
        """The runs so far, opened: sweeps, and the search."""
        runs: list[Any] = [family.run for family in self._families]
        runs += [self._search.run] if self._search is not None else []
        return [run for run in runs if run is not None]

    @property
    def unsearched(self) -> str:
        """Why no minimum noise was searched for, as a sentence; "" if it was, or if no image is right when clean."""
        if any(isinstance(run, SearchRun) for run in self.runs) or (self.state.clean and not self.state.clean.value):
            return ""
        enough = f", about {minutes:,} for {SEARCH_GOAL} images" if (minutes := self.search_minutes) else ""
        why = f"the assessment ended before the search: give it more minutes{enough}"
        if not self.searches:
            return "The minimum noise was not searched for, because of --no-search (in Python search=False)."
        if self.classifier.combine == "vote":
            why = "the votes of an ensemble have no slope that a search could follow"
        return f"The minimum noise was not searched for, because {why}."

    @property
    def search_minutes(self) -> int:
        """About how many minutes are enough for a useful search, if one ended before it; 0 if the given ones are."""
        if not self.searches or self.classifier.combine == "vote":
            return 0
        # The sweeps show how fast this machine is beside its other work, which the first measurement may not.
        pace = float(np.median([self.image_seconds, *(f.pace for f in self._families if f.pace > self.image_seconds)]))
        given = math.prod(self.dataset.image_shape), self.classifier.differentiable, pace, self._compiling
        searching = search_seconds(SEARCH_GOAL, *given)
        seconds = self._beginning + self.reserve + CAUTION * searching / SHARE_BEFORE_GOAL
        return math.ceil(seconds / 60) if seconds > self.clock.seconds else 0

    def run(self) -> None:
        """Do what there is time for.

        Raises
        ------
        RunError
            The folder has runs of another model, of other images, or of another degradation with the same name.
        WrongInputsError
            Other inputs or classes fit the model far better, `as_is` is false, and the folder has no runs yet.
        """
        self.dataset = self._rare.dataset = check_continued(self.out, self.classifier, self.dataset, self.seed)
        check_degradations(self.out, self._kinds, self.dataset.images.shape[1:], self.seed)
        self._rare.check_continued()
        if self.searches and is_run(self.out / SEARCH):  # it would only be opened after all families
            check_undamaged(self.out / SEARCH)
        self.show("clean")
        images, self._degraded = self._planned()
        slower = slowdown(self.out, self.image_seconds)  # if the machine has other work now
        self.reserve = min(self.reserve * slower, MOST_RESERVED * self.clock.seconds)
        given = self.classifier, self.dataset, self._order, self.out, self.seed
        self._sample = CleanSample(*given, images=images, as_is=self._as_is)
        self._sample.check_rare_classes(checked_images(self.clock.seconds, self.image_seconds))
        clean = self._sample.check_inputs()
        accuracy = None if AS_PREDICTED in self.dataset.remarks else accuracy_of(clean.correct)
        self.state = replace(self.state, images=images, clean=accuracy, available=len(self.dataset))
        with executor(self.classifier, self.cluster) as workers, self._opened_families(self._sample):
            self.show("measuring")
            self._beginning = self.clock.elapsed
            for k, family in enumerate(self._families):  # a number for each, and for one even if there is no time
                step = family.next_step(self._degraded, self.image_seconds)
                if not family.state.images and step is not None and (k == 0 or step.cost <= self._left):
                    self._sweep(family, workers, 0)
            self._prepare_search()
            while not self._is_enough() and self._next(workers):
                pass
        self._sample.end()

    def show(self, stage: Stage, working: str | None = None) -> None:
        """Tell the observer what is known and what is done now."""
        families = tuple(replace(f.state, working=f.state.name == working) for f in self._families)
        noise = replace(self._search.state, working=working == SEARCH) if self._search else self.state.noise
        self.state = replace(self.state, stage=stage, left=self.clock.left, families=families, noise=noise)
        self.state = replace(self.state, rare=self._rare.swept)
        if self._on_state is not None:
            self._on_state(self.state)

    @property
    def _left(self) -> float:
        """Seconds left for measuring."""
        return self.clock.left - self.reserve

    def _planned(self) -> tuple[int, int]:
        """Measure the model's speed; return how many clean images to score, and how many of them to degrade."""
        if isinstance(self.classifier, FunctionClassifier):
            self.classifier = with_short_batches(self.classifier, self.dataset, self.clock.seconds)
            self._rare.classifier = self.classifier
        images = self.dataset.select(np.sort(self._order[: self.classifier.batch_size]))
        self._compiling, self.image_seconds = quick_speed_of(self.classifier, images, self.clock.seconds)
        sweeping = (1 - SEARCH_SHARE * self.searches) * max(0.0, self._left)
        severities = sum(len(family.severities) for family in self._kinds)
        return sample_size(
            self.out,
            len(self.dataset),
            severities,
            self.image_seconds,
            budget=self.clock.seconds,
            sweeping=sweeping,
            all_clean=self._all_clean,
            rare=self._rare.wanted,
            image_bytes=math.prod(self.dataset.image_shape),
        )

    @contextlib.contextmanager
    def _opened_families(self, sample: CleanSample) -> Iterator[None]:
        """Open the sweeps that are there, and close all at the end."""
        try:
            for family in self._kinds:
                self._families.append(self._opened(family, sample))
            self._rare.open(self._families, sample.first(sample.images)[2])
            yield
        finally:
            for sweep in (*self._families, *self._rare.sweeps):
                sweep.close()

    def _opened(self, family: Degradation, sample: CleanSample) -> FamilySweep:
        """Open the sweep of a family; if it is damaged, first restore all that can be restored."""
        opened = self.classifier, family, self.out / family.name, self.seed, sample.first, len(self.dataset)
        try:
            return FamilySweep(*opened)
        except RunError:
            folders = [folder for each in self._kinds if is_run(folder := self.out / each.name)]
            for folder in folders:
                restore_clean(folder, sample.first)
            check_undamaged(*folders)  # says what to do
            return FamilySweep(*opened)

    def _prepare_search(self) -> None:
        """Choose the images of the search, if there is time for it."""
        run, folder = self._families[0].run, self.out / SEARCH
        if not self.searches or run is None or self.classifier.combine == "vote" or self._left <= 0:
            return
        dataset = images_to_search(run.clean, folder, self.dataset)
        if not len(dataset):
            return
        costs = SEARCH_SHARE * self._left, self.image_seconds, self._compiling
        self._search = NoiseSearch(self.classifier, dataset, folder, self.seed, *costs, self.cluster)

    def _is_enough(self) -> bool:
        """Return whether all images have been used, and what is known of them is enough."""
        search, copies = self._search, tuple(family.state.copies for family in self._families)
        if self._enough is None or copies == self._judged:
            return False
        if any(family.state.images < len(self.dataset) for family in self._families):
            return False
        if search is not None and search.state.searched < SEARCH_GOAL and search.next_step() is not None:
            return False
        self._judged = copies
        return self._enough(self.runs)

    def _next(self, workers: Executor) -> bool:
        """Take the step that is worth most; return False if none fits into the time left."""
        left, search = self._left, self._search
        steps = {family.state.name: family.next_step(self._degraded, self.image_seconds) for family in self._families}
        name = choose((step for step in steps.values() if step is not None), left)
        wanted = search.next_step() if search is not None else None
        if search is not None and wanted is not None and wanted.cost <= left:
            spent = search.spent + sum(family.spent for family in self._families)
            share = SEARCH_SHARE if search.state.searched >= SEARCH_GOAL else SHARE_BEFORE_GOAL
            if name is None or search.spent <= share * spent:
                self.show("measuring", SEARCH)
                search.step(min(left, SEARCH_STEPS * self.clock.step))
                self.show("measuring")
                return True
        seconds = min(left, self.clock.step)
        rare = None
        if all(f.state.estimated or f.state.images == len(self.dataset) for f in self._families):
            rare = self._rare.next_step(sum(family.spent for family in self._families), self.image_seconds, left)
        if rare is not None:
            self._rare_step(rare, workers, seconds)
        elif name is not None:
            self._sweep(next(f for f in self._families if f.state.name == name), workers, seconds)
        return rare is not None or name is not None

    def _rare_step(self, sweep: FamilySweep, workers: Executor, seconds: float) -> None:
        """Go on with more images of rare classes under a family for about so many seconds."""
        self.show("measuring", sweep.state.name)
        sweep.step(workers, self._rare.images, seconds)
        self.show("measuring")

    def _sweep(self, family: FamilySweep, workers: Executor, seconds: float) -> None:
        """Go on with a family for about so many seconds."""
        self.show("measuring", family.state.name)
        family.step(workers, self._degraded, seconds)
        self.show("measuring")
