"""Sweeps the same images with two networks, family by family, and knows which of the degraded images are there."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.paired_clean import PairedClean
from tfstab.assessment.paired_search import OnMeasured
from tfstab.assessment.speed import filled
from tfstab.datasets import Dataset
from tfstab.degradations import Degradation
from tfstab.runs.files import SEARCH, SIDES
from tfstab.runs.info import is_run, read_info, runs_in
from tfstab.sweep import SweepConfig, SweepRun
from tfstab.sweep.plan import Block, block_of
from tfstab.sweep.progress import SweepProgress
from tfstab.sweep.running import sweep_in_own_batches

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_COPIES = 5  # of an image at each severity, once all images have been used


class PairedSweeps:
    """The sweeps of two networks with the same images, severities, copies and seeds.

    Parameters
    ----------
    classifiers : sequence of Classifier
        The two networks, with the same classes.
    dataset : Dataset
        Test images, with labels that are outputs of the networks.
    order : ndarray of int64 (N,)
        Rows of the images in the order in which to degrade them.
    families : sequence of Degradation
        Families to sweep. The sweeps of the first one have the scores of all clean images.
    out : Path
        Folder with a folder for each network; runs that exist in them are resumed.
    clean : PairedClean
        The clean images and their scores.
    seed : int
        Seed of all random numbers.
    on_progress : callable
        Called with what is measured, and the numbers of finished and of all steps.

    Attributes
    ----------
    runs : dict of str to tuple of SweepRun
        The sweeps of the first and of the second network, by the names of the families that have been swept.
    """

    def __init__(
        self,
        classifiers: "Sequence[Classifier]",
        dataset: Dataset,
        order: NDArray[np.int64],
        families: Sequence[Degradation],
        out: Path,
        clean: PairedClean,
        seed: int,
        on_progress: OnMeasured,
    ) -> None:
        self.classifiers, self.dataset, self.order, self.families = classifiers, dataset, order, families
        self.out, self.clean, self.seed, self._on_progress = out, clean, seed, on_progress
        self.runs: dict[str, tuple[SweepRun, SweepRun]] = {}

    def begun(self) -> tuple[int, int]:
        """Return how many images and copies existing sweeps have; 0 and 1 if there are none."""
        paths = [path for side in SIDES for path in runs_in(self.out / side) if path.name != SEARCH]
        infos = [read_info(path) for path in paths]
        images = max((block.stop for path in paths for block in _blocks(path)), default=0)
        copies = max((int(info["settings"].get("copies", 1)) for info in infos), default=1)
        return min(images, len(self.dataset)), min(copies, MOST_COPIES)

    def rows(self, copies: int, families: Sequence[Degradation] | None = None) -> int:
        """Return the number of degraded images of each image under some families; by default, under all."""
        families = self.families if families is None else families
        return sum(len(family.severities) * _copies(family, copies) for family in families)

    def missing(self, family: Degradation, images: int, copies: int) -> int:
        """Return how many degraded images of a family its runs do not have yet, if they are to have so many."""
        runs = [_planned(path) for path in self._paths(family)]
        there = min(sum(block.images * block.copies for block in blocks) for blocks in runs)
        return max(0, images * _copies(family, copies) - there) * len(family.severities)

    def sweep(self, family: Degradation, images: int, copies: int, place: int, total: int) -> list[tuple[int, float]]:
        """Sweep both networks under a family; return how many images, filled batches, each scored in how many seconds.

        place, total : degraded images of all families before this one, and of all.
        """
        config = SweepConfig(degradation=family, copies=_copies(family, copies), seed=self.seed)
        paths = self._paths(family)
        images = max([images, *(block.stop for path in paths for block in _planned(path))])  # a run keeps what it has
        runs: list[SweepRun] = []
        measured: list[tuple[int, float]] = []
        for side, (classifier, path) in enumerate(zip(self.classifiers, paths, strict=True)):
            done: list[int] = []
            times: list[float] = []

            def on_progress(
                progress: SweepProgress, place: int = place, done: list[int] = done, times: list[float] = times
            ) -> None:
                done.append(progress.done)
                times.append(time.perf_counter())
                self._on_progress(family.title, min(total, place + progress.done), total)

            self._on_progress(family.title, min(place, total), total)
            opened = None if family is self.families[0] else self.runs[self.families[0].name][0]
            dataset = self.clean.images if opened is None else self._degraded(opened, images)
            more: dict[str, Any] = {"scored_in": [self.clean.scores[side]], "degraded": images}
            more |= {"as_is": True, "in_order": True}  # the inputs were checked before training
            runs.append(sweep_in_own_batches(classifier, dataset, config, path, on_progress, **more))
            measured.append((filled(classifier, done[-1] - done[0]), times[-1] - times[0]) if done else (0, 0.0))
            place += images * config.rows_per_image
        self.runs[family.name] = (runs[0], runs[1])
        return measured

    def _paths(self, family: Degradation) -> list[Path]:
        """Return the run folders of both networks for a family."""
        return [self.out / side / family.name for side in SIDES]

    def _degraded(self, run: SweepRun, images: int) -> Dataset:
        """Return the first images, as many as given, that a sweep degrades, in order; all its clean ones are scored."""
        there = run.clean.indices if run.clean.order is None else run.clean.indices[run.clean.order]
        return self.dataset.select(self.order[np.isin(self.dataset.indices[self.order], there[:images])])


def _copies(family: Degradation, copies: int) -> int:
    """Return the number of copies for a family; one without random numbers gets a single copy."""
    return min(copies, family.copies)


def _planned(path: Path) -> list[Block]:
    """Return the blocks of a sweep; none if there is no run yet."""
    return _blocks(path) if is_run(path) else []


def _blocks(path: Path) -> list[Block]:
    """Return the blocks of a sweep that exists."""
    return [block for block in map(block_of, read_info(path)["parts"]) if block is not None]
