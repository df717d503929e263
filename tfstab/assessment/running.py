"""Runs an assessment: clean accuracy, all families of degradations and minimum noise, within a budget of time."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.continuing import check_continued
from tfstab.assessment.family_sweep import FamilySweep
from tfstab.assessment.noise_search import MOST, NoiseSearch
from tfstab.assessment.plan import SEARCH_GOAL, SEARCH_SHARE, SHARE_BEFORE_GOAL, Clock, choose, images_for
from tfstab.assessment.rare_sweeps import RareSweeps
from tfstab.assessment.results import earlier_note, slowdown
from tfstab.assessment.state import AssessmentState, OnState, Stage
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.input_note import InputNote, heed
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images, describe_model, few_note
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED, stratified_order
from tfstab.degradations import GAUSSIAN_NOISE, Degradation
from tfstab.execution import Executor, executor
from tfstab.metrics.estimate import accuracy_of
from tfstab.models.validation import validation_note
from tfstab.runs import CleanImages
from tfstab.runs.description import describe
from tfstab.runs.info import is_run, read_info, runs_in
from tfstab.search import SearchRun
from tfstab.sweep.plan import planned_images
from tfstab.sweep.score import in_large_batches

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SEARCH = "search"  # the search's folder; the sweeps' have the names of the families
MOST_RESERVED = 0.25  # of the time, for the report
SEARCH_STEPS = 3  # how many times as long as that of a sweep a step of the search is: it searches images together
SLOW = 2.0  # seconds; a first call that takes longer is not repeated to measure the speed
PLANNED = 2  # how many times as many images are planned as there is time for, by an estimate, which may be too low
SMALLEST_BATCH = 32
# Shares of the time: for a batch of a predict function, and for all clean images, of which there are some in any case.
BATCH_SHARE, CLEAN_SHARE, FEWEST = 0.02, 0.1, 8
ALL_CLEAN_SHARE = 0.5  # of the time, for all clean images if a requirement is about them
# To check inputs and classes where at least this share of the images is of one class: images of the rarest class, and
# the share of the time that they may take.
COMMON, RARE, CHECK_SHARE = 0.8, 32, 0.15
CLEAN_CALLS = 3  # how often a clean image is scored, roughly: the check of the inputs scores it in other forms, too
DEGRADING = 1.25  # how much longer a degraded image takes than a clean one, roughly

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
    input_note : str or None
        What the check of the inputs said, "" for nothing; None before it.
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
        self.classifier = _in_batches(classifier.for_images(self.dataset.image_shape), fewest)
        self.out, self.clock, self.reserve, self.seed, self.cluster = out, clock, reserve, seed, cluster
        continued = _continued(out, len(self.dataset))
        lines = describe_model(self.classifier), describe_images(self.dataset), continued
        notes = few_note(self.dataset), validation_note(self.classifier, self.dataset)
        self.state = AssessmentState("reading", clock.seconds, clock.left, tuple(filter(None, (*lines, *notes))))
        self.input_note: str | None = None
        self._as_is, self._on_state, self._enough, self._searches = as_is, on_state, enough, search
        self._all_clean = all_clean
        self._judged: tuple[int, ...] = ()  # copies of each family when `enough` was asked
        self._order = stratified_order(self.dataset.labels)
        self._rare = RareSweeps(self.classifier, self.dataset, self._order, out, seed)
        self._clean: CleanImages | None = None
        self._sampled: tuple[Dataset, NDArray[np.int64]] | None = None  # the latest sample
        self._kinds = sorted(families, key=lambda family: family.name != GAUSSIAN_NOISE.name)  # which comes first
        self._families: list[FamilySweep] = []
        self._search: NoiseSearch | None = None
        # Clean images that are scored, and how many of them are planned to be degraded when a sweep is begun.
        self._images = self._degraded = 0
        self.image_seconds = self._compiling = 0.0  # the second for compiling the scores

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
        why = "the assessment ended before the search: give it more minutes"
        if not self._searches:
            return "The minimum noise was not searched for, because of --no-search (in Python search=False)."
        if self.classifier.combine == "vote":
            why = "the votes of an ensemble have no slope that a search could follow"
        return f"The minimum noise was not searched for, because {why}."

    def run(self) -> None:
        """Do what there is time for.

        Raises
        ------
        RunError
            The folder has runs of another model or of other images.
        WrongInputsError
            Other inputs or classes fit the model far better, `as_is` is false, and the folder has no runs yet.
        """
        check_continued(self.out, self.classifier, self.dataset, self.seed)
        self._rare.check_continued()
        self.show("clean")
        self._images, self._degraded = self._planned()
        slower = slowdown(self.out, self.image_seconds)  # if the machine has other work now
        self.reserve = min(self.reserve * slower, MOST_RESERVED * self.clock.seconds)
        self._check_rare_classes()
        dataset, _, clean = self._sample(self._images)
        if self.input_note is None:  # all scores were known
            self.input_note = earlier_note(self.out)
        if self.input_note is None:
            from tfstab.classifier.input_check import check_inputs  # imports SciPy

            self._take_note(check_inputs(self.classifier, dataset, clean.scores))
        accuracy = None if AS_PREDICTED in dataset.remarks else accuracy_of(clean.correct)
        self.state = replace(self.state, images=self._images, clean=accuracy, available=len(self.dataset))
        with executor(self.classifier, self.cluster) as workers, self._opened_families():
            self.show("measuring")
            for k, family in enumerate(self._families):  # a number for each, and for one even if there is no time
                step = family.next_step(self._degraded, self.image_seconds)
                if not family.state.images and step is not None and (k == 0 or step.cost <= self._left):
                    self._sweep(family, workers, 0)
            self._prepare_search()
            while not self._is_enough() and self._next(workers):
                pass

    def _check_rare_classes(self) -> None:
        """Stop if inputs or classes are certainly wrong, on more images than planned if these have few of rare classes.

        If most images are of one class, only those of the others show it: a model that always gives the common answer
        seems right.
        """
        counts = np.bincount(self.dataset.labels)
        counts = counts[counts > 0]
        if len(counts) < 2 or counts.max() < COMMON * counts.sum() or AS_PREDICTED in self.dataset.remarks:
            return
        wanted = math.ceil(RARE / counts.min() * len(self.dataset))
        most = int(CHECK_SHARE * self.clock.seconds / self.image_seconds / CLEAN_CALLS)
        count = min(wanted, most, len(self.dataset))
        if count <= self._images or runs_in(self.out):
            return
        from tfstab.classifier.input_check import check_inputs  # imports SciPy

        images = self.dataset.select(np.sort(self._order[:count]))
        note = check_inputs(self.classifier, images, self.classifier.scores(images.images))
        if note.certain:
            self._take_note(note)

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
        """Measure the model's speed; return how many clean images to score, and how many of them to degrade.

        Neither is smaller than what the runs already have.
        """
        if isinstance(self.classifier, FunctionClassifier):
            self._suit_function()
        batch = self.classifier.batch_size
        images = np.asarray(self.dataset.select(np.sort(self._order[:batch])).images)
        began = time.perf_counter()
        self.classifier.compile()
        self._compiling = time.perf_counter() - began
        for _ in range(2):  # the first call is slower
            began = time.perf_counter()
            self.classifier.scores(images)  # padded to a batch
            self.image_seconds = DEGRADING * (time.perf_counter() - began) / batch
            if self.image_seconds * batch > SLOW:
                break
        there = [read_info(path) for path in runs_in(self.out) if path.name != SEARCH]
        begun, every = [planned_images(info) for info in there], len(self.dataset)
        severities = sum(len(family.severities) for family in self._kinds)
        seconds = (1 - SEARCH_SHARE * self._searches) * max(0.0, self._left)
        planned = images_for(PLANNED * seconds, 1 / self.image_seconds, severities, every)
        # The recall of a rare class needs all of its images, too.
        share = ALL_CLEAN_SHARE if self._all_clean else CLEAN_SHARE * self._rare.wanted
        if CLEAN_CALLS * self.image_seconds * every <= share * self.clock.seconds:
            return every, min(every, max([planned, *begun]))
        most = max(FEWEST, int(CLEAN_SHARE * self.clock.seconds / self.image_seconds / CLEAN_CALLS))
        degraded = min(every, max([min(planned, most), *begun]))
        return min(every, max([degraded, *(int(info["data"]["images"]) for info in there)])), degraded

    def _suit_function(self) -> None:
        """Give a predict function smaller batches if a large one would take too much of the time.

        It may be a service that takes a second for an image. A compiled model would be compiled again.
        """
        few = self.classifier.with_batch_size(2)
        began = time.perf_counter()
        few.scores(np.asarray(self.dataset.images[:2]))
        most = int(BATCH_SHARE * self.clock.seconds * few.batch_size / (time.perf_counter() - began))
        self.classifier = self.classifier.with_batch_size(min(self.classifier.batch_size, max(2, most)))

    def _sample(self, count: int) -> tuple[Dataset, NDArray[np.int64], CleanImages]:
        """Return the first images in a stratified order, their rows in this order, and their scores.

        At least the clean images that are to be scored are returned. Assessments of the same images share the
        order, whatever they plan, so they can be compared. What is known is not scored again.
        """
        count = max(count, self._images)
        if self._sampled is None or len(self._sampled[1]) != count:  # all families share the images in memory
            rows = np.sort(self._order[:count])
            self._sampled = self.dataset.select(rows), np.searchsorted(rows, self._order[:count])
        dataset, order = self._sampled
        if self._clean is None or len(self._clean.indices) < count:
            info = describe("sweep", self.seed, {}, self.classifier, dataset, [])
            there = [path for path in runs_in(self.out) if path.name != SEARCH][:1]
            known = there if self._clean is None else [self._clean]
            self._clean = CleanImages.score(self.classifier, dataset, info, known, self._take_note)
        return dataset, order, self._clean

    def _take_note(self, note: InputNote) -> None:
        """Keep what the check of the inputs noticed; stop if it is certain, unless the user has gone on before."""
        if note.text != self.input_note:
            heed(note, as_is=self._as_is or bool(runs_in(self.out)))
        self.input_note = note.text

    @contextlib.contextmanager
    def _opened_families(self) -> Iterator[None]:
        """Open the sweeps that are there, and close all at the end."""
        try:
            for family in self._kinds:
                folder, available = self.out / family.name, len(self.dataset)
                sweep = FamilySweep(self.classifier, family, folder, self.seed, self._sample, available)
                self._families.append(sweep)
            self._rare.open(self._families, self._sample(self._images)[2])
            yield
        finally:
            for sweep in (*self._families, *self._rare.sweeps):
                sweep.close()

    def _prepare_search(self) -> None:
        """Choose the images of the search: those that are right when clean, in the order in which they are swept.

        Images of a search that is continued come first.
        """
        run, folder = self._families[0].run, self.out / SEARCH
        if (
            not self._searches
            or run is None
            or run.clean.order is None
            or self.classifier.combine == "vote"
            or self._left <= 0
        ):
            return
        right = run.clean.indices[run.clean.order[run.clean.correct[run.clean.order]]]
        if is_run(folder):
            begun = SearchRun(folder).clean
            begun_right = begun.indices[begun.correct & np.isin(begun.indices, self.dataset.indices)]
            right = np.append(begun_right, right[~np.isin(right, begun.indices)]) if len(begun_right) else begun_right
        right = right[np.isin(right, self.dataset.indices)][:MOST]
        if not len(right):
            return
        places = np.argsort(self.dataset.indices)
        rows = places[np.searchsorted(self.dataset.indices, right, sorter=places)]
        dataset, seconds = self.dataset.select(rows), SEARCH_SHARE * self._left
        costs = seconds, self.image_seconds, self._compiling
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


def _continued(out: Path, images: int) -> str:
    """Return that an assessment is continued, "" if it is not, and if it has more images than are given now."""
    runs = runs_in(out)
    if not runs:
        return ""
    there = read_info(runs[0])["data"]["images"]
    more = f"; all of its {there:,} images count, not only the {images:,} given now" if there > images else ""
    return f"continues the assessment in {out}{more}"


def _in_batches(classifier: "Classifier", fewest: int) -> "Classifier":
    """Return the classifier with large batches, but no larger than the fewest degraded images of a family.

    A batch that is not filled takes as long as a full one.
    """
    classifier = in_large_batches(classifier)
    if None in classifier.input_shape:
        return classifier
    return classifier.with_batch_size(min(classifier.batch_size, max(SMALLEST_BATCH, fewest)))
