"""Measures a network before and after a remedy on the same degraded images, within a budget of time."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.paired_clean import SHARE as CLEAN_SHARE
from tfstab.assessment.paired_clean import PairedClean
from tfstab.assessment.paired_search import OnMeasured, PairedSearch
from tfstab.assessment.paired_sweeps import MOST_COPIES, PairedSweeps
from tfstab.assessment.plan import SEARCH_SHARE, Clock, images_for
from tfstab.assessment.speed import DEGRADING, filled, speed_of, with_filled_batches
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.degradations import GAUSSIAN_NOISE, Degradation
from tfstab.runs import RunFolder
from tfstab.runs.files import SEARCH, SIDES
from tfstab.sweep.score import in_large_batches

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

FEWEST_SWEPT = 5  # images that are degraded, however slow the networks are
# If there seems to be no time for more images than this, all families get the fewest before any family gets more.
FEW = 50
FIRST_SHARE = 0.25  # of the time, roughly, for the first round of sweeps, after which the speed is known
WORTH = 0.25  # a further round is made if it adds at least this share of the images or copies
MOST_GROWTH = 3  # times the images that there are: a further round adds at most so many, as its speed may change
PROBED = 0.2  # of the images of the first round: the first family has so many at first, which shows the speed
# Of the time, for the fewest images of all families, by the first guess; so there is time for them even if the networks
# turn out to be several times slower.
FEWEST_MOST = 0.25
FIRST_MOST = 0.5  # of the time, for the first round, however slow the networks are: it is planned by a first guess
CAUTION = 0.85  # share of the time left that a further round may be planned to take
OPENING = 1.0  # seconds to open the sweeps of a family for both networks, roughly
LOADING = 20.0  # seconds, roughly, to load the networks and images again, and for the report
MORE_PRECISELY = "more precisely: "  # precedes what is measured in the rounds after the first
OVERTIME = 20.0  # seconds, at most, that the fewest images of a family may take beyond the time


class BeforeAfter:
    """The sweeps and the searches of a network before and after a remedy.

    Both networks get the same degraded images: the images, severities, copies and seeds are equal. The runs are in
    `out/original` and `out/hardened`, with a folder for each family and one for the search. Runs that exist already are
    resumed, and given more images if there is time. The sweeps of the first family also have the scores of all clean
    images, degraded or not.

    Parameters
    ----------
    before, after : Classifier
        The networks, with the same classes.
    dataset : Dataset
        Test images, with labels that are outputs of the networks.
    families : sequence of Degradation
        Families to sweep.
    out : Path
        Folder of all runs.
    clock : Clock
        Knows how much time is left.
    order : numpy.ndarray, optional
        All rows, int64 (N,), in the order in which images are taken; by default that of `stratified_order`.
    seed : int
        Seed of all random numbers.
    first : sequence of str
        Names of the families to measure before all others, as there may be no time for all.
    search : bool
        Whether to search for minimum noise.
    on_progress : callable, optional
        Called with what is measured, and the numbers of finished and of all steps.
    """

    def __init__(
        self,
        before: "Classifier",
        after: "Classifier",
        dataset: Dataset,
        families: Sequence[Degradation],
        out: Path,
        clock: Clock,
        *,
        order: NDArray[np.int64] | None = None,
        seed: int = 0,
        first: Sequence[str] = (),
        search: bool = True,
        on_progress: OnMeasured | None = None,
    ) -> None:
        rows = len(dataset) * max((len(family.severities) for family in families), default=1)
        self.classifiers = [in_large_batches(c.for_images(dataset.image_shape), rows) for c in (before, after)]
        self.dataset, self.out, self.clock, self.seed = dataset, out, clock, seed
        self._search_share = SEARCH_SHARE if search else 0.0
        self._tell = on_progress or (lambda what, done, total: None)
        self._later_round = False  # whether all degradations have been measured once
        self._order = stratified_order(dataset.labels) if order is None else order
        wanted = [*first, GAUSSIAN_NOISE.name]
        self.families = sorted(families, key=lambda f: wanted.index(f.name) if f.name in wanted else len(wanted))
        scored, searches = ([out / side / name for side in SIDES] for name in (self.families[0].name, SEARCH))
        given = self.classifiers, dataset, self._order
        self.clean = PairedClean(*given, scored, clock, seed)
        self.sweeps = PairedSweeps(*given, self.families, out, self.clean, seed, self._on_progress)
        self.noise = PairedSearch(*given, searches, clock, seed, self._on_progress)
        self._compiling = self._pace = 0.0  # seconds to compile, and to score a degraded image with both networks
        self._part = 0.5  # of the pace is of the second network, by the first guess
        self._share = FIRST_SHARE  # of the time, for a round, until the speed of a sweep is known
        self._starting = 0.0  # seconds until the first sweep, without scoring clean images, which is done once
        self._taken = math.inf  # seconds that a new degraded image took with both networks, opening included
        self._opening = 0.0  # seconds to open all runs, however many images are degraded

    @property
    def left_out(self) -> list[str]:
        """Titles of the families for which there was no time at all."""
        return [family.title for family in self.families if family.name not in self.sweeps.runs]

    def seconds_for(self, images: int) -> float:
        """Return how long a further call with the same runs would take, roughly, to degrade so many images."""
        rows = 0
        for family in self.families:
            there = min((len(run.measures.images) for run in self.sweeps.runs.get(family.name, ())), default=0)
            rows += len(family.severities) * max(0, images - there)
        # If few images were degraded, the pace may still be a first guess; they cannot take longer than those did.
        sweeping = min(rows * self._pace + self._opening, rows * self._taken) / CAUTION
        sweeping /= (1 - self._search_share) * (1 - CLEAN_SHARE * bool(self.clean.left))
        return LOADING + self._starting + sweeping

    def measure(self) -> tuple[list[RunFolder], list[RunFolder]]:
        """Sweep both networks, search the minimum noise of some images, and return the runs before and after.

        A family is begun only if there is time for it. So the last ones may have fewer images, or be left out.
        """
        began = self.clock.elapsed
        self._overtime = max(OVERTIME, OVERTIME / 2 - self.clock.left)  # half of it, if the time is over already
        self._measure_speed()
        self._take_filled_batches()
        images, copies = self.sweeps.begun()
        if not images:
            rows = FIRST_SHARE * self.clock.left / self._pace
            affordable = int(FIRST_MOST * self.clock.left / self._pace / self.sweeps.rows(1))
            images = max(self._fewest, min(images_for(rows, 1.0, self.sweeps.rows(1), len(self.dataset)), affordable))
            if images <= FEW:
                images = self._fewest  # all families first: on a machine slower than estimated, no more may follow
        self._starting = self.clock.elapsed - began
        self._on_progress("clean images", 0, 0)
        self.clean.begin(images, self._pace)
        few = max(self._fewest, int(PROBED * images))
        if few <= images < len(self.dataset) and not self.sweeps.begun()[0]:
            self._probe(few)
        images = self._sweep(images, copies, first=True)
        self._score_more_clean(images, copies)
        searches = self.noise.run(self.clean.scores, self._pace, self._compiling) if self._search_share else []
        while not self.left_out and (more := self._grown(images, copies)) is not None:
            (wanted, copies), there, self._later_round = more, images, True
            images = self._sweep(wanted, copies, there=there)
            if wanted > there >= images:
                break
        self.clean.end()
        before, after = ([pair[side] for pair in self.sweeps.runs.values()] for side in range(2))
        return ([*before, *searches[:1]], [*after, *searches[1:]])

    def _on_progress(self, what: str, done: int, total: int) -> None:
        """Pass on how far a part has got, with MORE_PRECISELY before its name in the rounds after the first."""
        self._tell(f"{MORE_PRECISELY}{what}" if self._later_round else what, done, total)

    def _measure_speed(self) -> None:
        """Measure how long both networks take for a degraded image."""
        measured = [speed_of(classifier, self.dataset) for classifier in self.classifiers]
        self._compiling += sum(compiling for compiling, _ in measured)
        self._pace += DEGRADING * sum(second for _, second in measured)
        self._part = DEGRADING * measured[1][1] / self._pace

    def _take_filled_batches(self) -> None:
        """Take smaller batches if the time may be too short to fill them all; see `with_filled_batches`."""
        affordable = int(FEWEST_MOST * self.clock.left / self._pace / self.sweeps.rows(1))
        if affordable < self._fewest:
            rows = max(FEWEST_SWEPT, affordable) * self._least_severities
            # In place, as the clean images, the sweeps and the search share this list.
            self.classifiers[:] = [with_filled_batches(classifier, rows) for classifier in self.classifiers]

    @property
    def _least_severities(self) -> int:
        """The number of severities of the family that has fewest."""
        return min(len(family.severities) for family in self.families)

    @property
    def _fewest(self) -> int:
        """How many images are degraded at least: as many as fill a batch, as fewer would not take less time."""
        batch = min(filled(classifier, 1) for classifier in self.classifiers)
        return min(len(self.dataset), max(FEWEST_SWEPT, batch // self._least_severities))

    def _score_more_clean(self, images: int, copies: int) -> None:
        """Score the other clean images with both networks, as many as there is time for, and store their scores.

        They are not scored at the beginning, as little would be left for degraded images on a busy machine.
        """
        more = min(self.clean.left, self.clean.affordable(self._pace))
        if more and more >= WORTH * min(len(self.clean.images), self.clean.left):
            total = 2 * images * self.sweeps.rows(copies)
            self._on_progress("clean images", total, total)
            self.clean.score(len(self.clean.images) + more)
            self.sweeps.sweep(self.families[0], images, copies, total, total)

    def _sweep(self, images: int, copies: int, *, first: bool = False, there: int = 0) -> int:
        """Sweep both networks family by family, so that an interruption leaves pairs, as long as there is time.

        The number of images falls if new ones take longer than planned. Returns how many all have.

        first : whether there are no images yet, or perhaps not of all families
        there : images that all families have
        """
        place, new, before, scored, scoring, opening, added = 0, 0, 0, 0, 0.0, 0.0, 0
        began = since = time.perf_counter()
        for k, family in enumerate(self.families):
            rest = self.families[k:]
            if images > there:
                if k == 1:  # the first sweeps take longer to open, as they compile
                    each = min(OPENING, self._opening / len(self.families) or OPENING)  # in the round before, if any
                    opening, since, before = len(rest) * each, time.perf_counter(), new
                elif k:
                    sweeping = (new - before) * self._pace / 2
                    opening = max(0.0, time.perf_counter() - since - sweeping) / (k - 1) * len(rest)
                affordable = there + (CAUTION * self.clock.left - opening) / self._pace / self.sweeps.rows(copies, rest)
                images = min(images, max(self._fewest if first else there, int(affordable)))
                if not first and images <= there:
                    break
                new += 2 * (images - there) * self.sweeps.rows(copies, [family])
            if (k or not first) and not self._fits(family, images, copies, self._overtime * first):
                break
            added += self.sweeps.missing(family, images, copies)
            total = place + 2 * images * self.sweeps.rows(copies, rest)
            both = self.sweeps.sweep(family, images, copies, place, total)
            place += 2 * images * self.sweeps.rows(copies, [family])
            scored, scoring = scored + sum(rows for rows, _ in both), scoring + sum(seconds for _, seconds in both)
            self._note_pace(scored, scoring)
        taken = time.perf_counter() - began
        self._opening, self._taken = taken - scoring, taken / added if added else self._taken
        return min(len(run.measures.images) for pair in self.sweeps.runs.values() for run in pair)

    def _probe(self, images: int) -> None:
        """Sweep a few images under the first family, which shows the speed before it has many."""
        # The first sweep also loads what all sweeps need, so the second one shows the speed of both networks.
        _, (scored, seconds) = self.sweeps.sweep(self.families[0], images, 1, 0, 0)
        self._note_pace(scored, seconds / self._part / 2)

    def _note_pace(self, scored: int, seconds: float) -> None:
        """Take over the speed of sweeps, if any images were scored."""
        if scored > 0:
            self._pace, self._share = 2 * seconds / scored, CAUTION

    def _fits(self, family: Degradation, images: int, copies: int, overtime: float) -> bool:
        """Return whether there is time for those of so many images of a family that its runs do not have yet."""
        new = self.sweeps.missing(family, images, copies)
        return not new or new * self._pace <= self.clock.left + overtime

    def _grown(self, images: int, copies: int) -> tuple[int, int] | None:
        """Return larger numbers of images, or of copies once all images are used; None if there is no time for them."""
        rows = self._share * (self.clock.left - self._opening) / self._pace
        if images < len(self.dataset):
            left = len(self.dataset) - images
            more = min(left, MOST_GROWTH * images, int(rows / self.sweeps.rows(copies)))
            return (images + more, copies) if more >= WORTH * min(images, left) else None
        added = [self.sweeps.rows(k) - self.sweeps.rows(copies) for k in range(copies + 1, MOST_COPIES + 1)]
        affordable = sum(0 < images * extra <= rows for extra in added)
        return (images, copies + affordable) if affordable else None
