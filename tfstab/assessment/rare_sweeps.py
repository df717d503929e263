"""`RareSweeps`: more images of rare classes than a sample has in which each class has its share, for their recalls.

With 48 defects among 1,200 images, a sample of 240 has 10. The further images are swept into a folder of their own, so
that they count for the recalls of their classes and for nothing else: see `tfstab.sweep.class_images`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.continuing import check_continued
from tfstab.assessment.family_sweep import FamilySweep
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.metrics.chance import one_is_common
from tfstab.runs import CleanImages
from tfstab.runs.description import describe
from tfstab.runs.files import RARE
from tfstab.runs.info import read_info, runs_in

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SHARE = 1 / 3  # of the time for degradations
ENOUGH = 100  # images of a class: a recall of 90 % is then known within 7 points


class RareSweeps:
    """Sweeps of more images of rare classes, one for each family of degradations.

    Classes are rare if another one is common. Their images are taken from the end of the order
    in which the sample grows, so that both have the same images only if they have all.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset
        All images.
    order : ndarray of int64 (N,)
        Rows of the images in the order in which the sample takes them.
    out : Path
        Folder of the assessment.
    seed : int
        Seed of all random numbers.

    Attributes
    ----------
    folder : Path
        Where the sweeps are.
    sweeps : list of FamilySweep
        The sweeps, once they are opened.
    """

    def __init__(
        self, classifier: "Classifier", dataset: Dataset, order: NDArray[np.int64], out: Path, seed: int
    ) -> None:
        self.classifier, self.dataset, self.seed, self.folder = classifier, dataset, seed, out / RARE
        self._out = out
        self.sweeps: list[FamilySweep] = []
        self._beside: Sequence[FamilySweep] = ()
        self._known: CleanImages | None = None
        self._rows = _rare_rows(dataset, order)

    @property
    def wanted(self) -> bool:
        """Whether there are rare classes."""
        return len(self._rows) > 0

    @property
    def images(self) -> int:
        """Number of images that may be swept."""
        return len(self._rows)

    @property
    def swept(self) -> int:
        """The most images that one of the sweeps has and the sample has not."""
        pairs = zip(self.sweeps, self._beside, strict=True)
        return max((len(np.setdiff1d(_swept(rare)[0], _swept(own)[0])) for rare, own in pairs), default=0)

    def check_continued(self) -> None:
        """Raise RunError unless the sweeps that are there can be continued; their images are then taken first.

        If none of them is given now, as with a smaller sample, the sweeps stay as they are.
        """
        runs = [(path, read_info(path)["data"]) for path in runs_in(self.folder)]
        if not runs or not self.wanted:
            return
        there = np.concatenate([CleanImages.load(path / "clean.npz", data).indices for path, data in runs])
        known = np.isin(self.dataset.indices[self._rows], there)
        if not np.isin(self.dataset.indices, there).any():
            self._rows = self._rows[:0]
            return
        check_continued(self.folder, self.classifier, self.dataset, self.seed)
        begun = np.setdiff1d(np.flatnonzero(np.isin(self.dataset.indices, there)), self._rows)
        self._rows = np.concatenate([begun, self._rows[known], self._rows[~known]])

    def open(self, families: Sequence[FamilySweep], known: CleanImages) -> None:
        """Open the sweeps that are there.

        Parameters
        ----------
        families : sequence of FamilySweep
            The sweeps of the sample.
        known : CleanImages
            Clean images whose scores are known.
        """
        if not self.wanted:
            return
        self._beside, self._known = families, known
        for family in families:
            degradation, folder = family.config.degradation, self.folder / family.state.name
            self.sweeps.append(
                FamilySweep(self.classifier, degradation, folder, self.seed, self._sample, len(self._rows))
            )

    def next_step(self, spent: float, pace: float, left: float) -> FamilySweep | None:
        """Return the sweep to go on with, or None if images of the sample are more urgent, or no others are needed.

        Parameters
        ----------
        spent : float
            Seconds that were spent on the sample's sweeps.
        pace : float
            Seconds for a degraded image, where that of a sweep is not known yet.
        left : float
            Seconds left.
        """
        own = sum(sweep.spent for sweep in self.sweeps)
        if own > SHARE * (own + spent):
            return None
        pairs = [(rare, family) for rare, family in zip(self.sweeps, self._beside, strict=True)]
        # Those that have the fewest images first; of these, those whose accuracy shows least of a loss of recall.
        pairs.sort(key=lambda pair: (pair[0].state.images, -pair[1].state.kept.value if pair[1].state.kept else 0))
        for rare, family in pairs:
            step = rare.next_step(len(self._rows), pace) if self._needs(rare, family) else None
            if step is not None and step.cost <= left:
                return rare
        return None

    def _needs(self, rare: FamilySweep, family: FamilySweep) -> bool:
        """Return whether a class has fewer than ENOUGH images in both sweeps together, and more are there."""
        there, classes = _swept(rare, family)
        labels, indices = self.dataset.labels[self._rows], self.dataset.indices[self._rows]
        few = [k for k in np.unique(labels) if np.count_nonzero(classes == k) < ENOUGH]
        return bool((np.isin(labels, few) & ~np.isin(indices, there)).any())

    def _sample(self, count: int) -> tuple[Dataset, NDArray[np.int64], CleanImages]:
        """Return the first images, their rows in the order in which to take them, and their scores; see FamilySweep."""
        taken = self._rows[:count]
        rows = np.sort(taken)
        dataset = self.dataset.select(rows)
        info = describe("sweep", self.seed, {}, self.classifier, dataset, [])
        known = [] if self._known is None else [self._known]
        # The inputs were checked with images of all classes.
        clean = CleanImages.score(self.classifier, dataset, info, known, on_note=None, keep=self._out)
        return dataset, np.searchsorted(rows, taken), clean


def _swept(*sweeps: FamilySweep) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of the images that have been swept, each once, and their classes."""
    measures = [sweep.run.measures for sweep in sweeps if sweep.run is not None]
    none = np.zeros(0, np.int64)
    images, once = np.unique(np.concatenate([none, *(m.images for m in measures)]), return_index=True)
    return images, np.concatenate([none, *(m.labels for m in measures)])[once]


def _rare_rows(dataset: Dataset, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of up to ENOUGH images of each rare class, the last of the order first; none without classes."""
    counts = np.bincount(dataset.labels)
    if AS_PREDICTED in dataset.remarks or not one_is_common(counts.tolist()):
        return np.zeros(0, np.int64)
    last = order[::-1]
    labels = dataset.labels[last]
    chosen = [np.flatnonzero(labels == k)[:ENOUGH] for k in np.flatnonzero(counts) if k != counts.argmax()]
    return np.asarray(last[np.sort(np.concatenate(chosen))])
