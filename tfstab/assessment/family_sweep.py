"""`FamilySweep`: the sweep of one family of degradations while an assessment runs, which takes it step by step."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.plan import Candidate, Pace, more_copies
from tfstab.assessment.state import FamilyState
from tfstab.datasets import Dataset
from tfstab.degradations import Degradation
from tfstab.execution.stopping import StopRule
from tfstab.runs import CleanImages
from tfstab.runs.info import is_run
from tfstab.sweep import SweepConfig, SweepRun
from tfstab.sweep.plan import Block, block_rows, planned_images
from tfstab.sweep.score import first_rows
from tfstab.sweep.sweeping import Sweeping

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.execution import Executor

OPENING = 0.5  # seconds that it takes to begin a sweep or to give it more images or copies, roughly
Sample = Callable[[int], tuple[Dataset, NDArray[np.int64], CleanImages]]


class FamilySweep:
    """The sweep of one family.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    family : Degradation
        The family, at its own severities.
    folder : Path
        The run folder, which may hold what an earlier assessment scored.
    seed : int
        Seed of all random numbers.
    sample : callable
        Takes a number of images; returns at least as many, their rows in the order in which to take them, and their
        scores. A larger sample begins with the smaller ones.
    available : int
        Number of all images.

    Attributes
    ----------
    state : FamilyState
        How far it has got.
    images : int
        Number of images that are to be degraded; the run may have more clean images. 0 before it is begun.
    run : SweepRun or None
        The run folder, opened; None before it is begun.
    """

    def __init__(
        self,
        classifier: "Classifier",
        family: Degradation,
        folder: Path,
        seed: int,
        sample: Sample,
        available: int,
    ) -> None:
        self.classifier, self.folder, self.sample, self.available = classifier, folder, sample, available
        self.config = SweepConfig(degradation=family, copies=1, seed=seed)
        self.state, self.images = FamilyState(family.name, family.title), 0
        self.run: SweepRun | None = None
        self._most_copies = family.copies if family.random else 1
        self._pace = Pace()
        self._sweeping: Sweeping | None = None
        self._left: list[Block] = []
        if is_run(folder):
            self.run = SweepRun(folder)
            self.images = planned_images(self.run.info)
            self.config = self._with_copies(self.run.config.copies)
            self._look()

    def next_step(self, images: int, pace: float) -> Candidate | None:
        """Return what could be done next, or None if nothing is left to do.

        Parameters
        ----------
        images : int
            Images that are planned for if the sweep is begun now.
        pace : float
            Seconds for a degraded image, where this family's own pace is not known yet.
        """
        if not (self._sweeping is None or self._left or self._can_grow):
            return None
        if self._left:
            cost = self._seconds(self._rows(self._left[0]), pace)
        else:  # the first block of a new plan is at most so large
            severities = len(self.config.severities)
            rows = min(first_rows(self.classifier), severities * images)
            if self.run is not None:
                rows = min(block_rows(self.classifier, severities), severities * max(images, self.images))
            cost = OPENING + self._seconds(rows, pace)
        width = self.state.kept.high - self.state.kept.low if self.state.kept is not None else math.inf
        if math.isnan(width):  # too few images are right when clean; more copies of all images would not change that
            width = math.inf if self.state.images < self.available else 0.0
        # More copies of the same images narrow an interval less than more images, and ever less.
        return Candidate(self.state.name, width / max(1, self.state.copies), cost)

    def step(self, workers: "Executor", images: int, seconds: float) -> None:
        """Score the next blocks, at least one.

        Parameters
        ----------
        workers : Executor
            What scores them.
        images : int
            Images to plan for if the sweep is begun now.
        seconds : float
            About how long; 0 for one block.
        """
        if self._sweeping is None:
            self._open(max(images, self.images), self.config.copies)
        if not self._left and self.images < self.available:
            self._open(min(self.available, 2 * self.images), self.config.copies)
        elif not self._left and self._can_grow:
            self._open(self.images, more_copies(self.config.copies, self._most_copies))
        if not self._left or self._sweeping is None:
            return
        began, rows = time.perf_counter(), sum(map(self._rows, self._left))
        blocks, rule = (self._left, StopRule(minutes=seconds / 60)) if seconds else (self._left[:1], None)
        try:
            self._sweeping.score(blocks, workers, rule=rule)
        finally:  # Ctrl-C keeps the parts that are written
            self._look()
        self._pace.add(rows - sum(map(self._rows, self._left)), time.perf_counter() - began)

    def close(self) -> None:
        """Close the run folder."""
        if self._sweeping is not None:
            self._sweeping.__exit__(None, None, None)
            self._sweeping = None

    @property
    def pace(self) -> float:
        """Seconds for a degraded image, as measured; NaN before."""
        return self._pace.seconds

    @property
    def spent(self) -> float:
        """Seconds spent on this family."""
        return self._pace.spent

    @property
    def _can_grow(self) -> bool:
        """Whether there are more images, or copies, than are planned."""
        return self.images < self.available or self.config.copies < self._most_copies

    def _open(self, images: int, copies: int) -> None:
        """Begin the sweep with so many images and copies, or give it more of them."""
        self.close()
        dataset, order, clean = self.sample(images)
        self.config = self._with_copies(copies)
        sweeping = Sweeping(self.classifier, dataset, self.config, self.folder, [clean], degraded=images, order=order)
        self._sweeping = sweeping.__enter__()
        self.images = planned_images(sweeping.run.info)
        self.run = SweepRun(self.folder)
        self._look()

    def _look(self) -> None:
        """Look at what is there: blocks that are left, images, copies and the accuracy that is kept."""
        self._left = self._sweeping.left if self._sweeping is not None else []
        if self.run is None or not len(self.run.measures):
            return
        figures = FamilyFigures.of(self.run)
        copies = self.run.copies_done[1]
        self.state = replace(self.state, images=len(figures.images), copies=copies, kept=figures.kept)

    def _with_copies(self, copies: int) -> SweepConfig:
        """Return the settings with another number of copies."""
        return SweepConfig(degradation=self.config.degradation, copies=copies, seed=self.config.seed)

    def _rows(self, block: Block) -> int:
        """Return the number of degraded images of a block."""
        return block.rows(len(self.config.severities))

    def _seconds(self, rows: int, pace: float) -> float:
        """Return how long so many degraded images will take; `pace` counts where none was measured."""
        return self._pace.predict(rows) if self._pace.known else pace * rows
