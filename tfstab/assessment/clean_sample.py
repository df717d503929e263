"""`CleanSample`: the clean images of an assessment with their scores, on which inputs and classes are checked."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.results import earlier_note, earlier_options
from tfstab.classifier.input_note import InputNote, heed
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.runs import CleanImages
from tfstab.runs.description import describe
from tfstab.runs.files import SEARCH, remove_scores_of_runs
from tfstab.runs.info import read_info, runs_in

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

# Where at least this share of all images is of one class, inputs and classes are checked on so many of the rarest.
COMMON, RARE = 0.8, 32


class CleanSample:
    """The first images in a stratified order, with their clean scores.

    Assessments of the same images share the order, whatever they plan, so they can be compared. What is known is not
    scored again.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset
        All images.
    order : ndarray of int64 (N,)
        Rows of the images in the order in which to take them.
    out : Path
        Folder of the assessment.
    seed : int
        Seed of the runs.
    images : int
        Number of clean images to score at least.
    as_is : bool
        Whether to go on with inputs or classes that are certainly wrong.

    Attributes
    ----------
    note : str or None
        What the check of the inputs said, "" for nothing; None before it, and if it could not be made.
    advised : mapping
        The options of the model that the note advises.
    """

    def __init__(
        self,
        classifier: "Classifier",
        dataset: Dataset,
        order: NDArray[np.int64],
        out: Path,
        seed: int,
        *,
        images: int,
        as_is: bool = False,
    ) -> None:
        self.classifier, self.dataset, self.order = classifier, dataset, order
        self.out, self.seed, self.images, self._as_is = out, seed, images, as_is
        self.note: str | None = None
        self.advised: Mapping[str, str] = {}
        self._checked = 0  # number of images on which the note is based
        self._clean: CleanImages | None = None
        self._sampled: tuple[Dataset, NDArray[np.int64]] | None = None  # the latest sample

    def first(self, count: int) -> tuple[Dataset, NDArray[np.int64], CleanImages]:
        """Return the first images, at least so many, their rows in the order, and their scores; see FamilySweep."""
        count = max(count, self.images)
        if self._sampled is None or len(self._sampled[1]) != count:  # all families share the images in memory
            rows = np.sort(self.order[:count])
            self._sampled = self.dataset.select(rows), np.searchsorted(rows, self.order[:count])
        dataset, order = self._sampled
        if self._clean is None or len(self._clean.indices) < count:
            info = describe("sweep", self.seed, {}, self.classifier, dataset, [])
            known = self._runs if self._clean is None else [self._clean]
            on_note = functools.partial(self._take_note, count)
            self._clean = CleanImages.score(self.classifier, dataset, info, known, on_note, keep=self.out)
        return dataset, order, self._clean

    def end(self) -> None:
        """Remove the scores that were saved while scoring, once a run has all of them."""
        clean, runs = self._clean, self._runs
        if clean is not None and runs and _clean_images(runs[0]) >= len(clean.indices):
            remove_scores_of_runs(self.out)

    @property
    def _runs(self) -> list[Path]:
        """The sweeps in the folder, the one with the most clean images first."""
        sweeps = [path for path in runs_in(self.out) if path.name != SEARCH]
        return sorted(sweeps, key=_clean_images, reverse=True)

    def check_inputs(self) -> CleanImages:
        """Score the clean images and check the form of the inputs, unless it is known; return the scores.

        Raises
        ------
        WrongInputsError
            Other inputs or classes fit the model far better, `as_is` is false, and the folder has no runs yet.
        """
        dataset, _, clean = self.first(self.images)
        if self.note is None:  # all scores were known
            self.note, self.advised = earlier_note(self.out), earlier_options(self.out)
        if self.note is None and not self._checked:
            from tfstab.classifier.input_check import check_inputs  # imports SciPy

            self._take_note(len(dataset), check_inputs(self.classifier, dataset, clean.scores))
        return clean

    def check_rare_classes(self, most: int) -> None:
        """Stop if inputs or classes are certainly wrong, on up to `most` images if the sample has few of rare classes.

        If one class is common, only those of the others show it: a model that always gives the common answer
        seems right.

        Raises
        ------
        WrongInputsError
            As in `check_inputs`.
        """
        counts = np.bincount(self.dataset.labels)
        counts = counts[counts > 0]
        if len(counts) < 2 or counts.max() < COMMON * counts.sum() or AS_PREDICTED in self.dataset.remarks:
            return
        wanted = math.ceil(RARE / counts.min() * len(self.dataset))
        count = min(wanted, most, len(self.dataset))
        if count <= self.images or runs_in(self.out):
            return
        from tfstab.classifier.input_check import check_inputs  # imports SciPy

        images = self.dataset.select(np.sort(self.order[:count]))
        info = describe("sweep", self.seed, {}, self.classifier, images, [])
        scored = CleanImages.score(self.classifier, images, info, on_note=None, keep=self.out)
        note = check_inputs(self.classifier, images, scored.scores)
        if note.certain:
            self._take_note(count, note)

    def _take_note(self, images: int, note: InputNote) -> None:
        """Keep what the check of the inputs noticed; stop if it is certain, unless the user has gone on before.

        images: how many were checked. A note that is based on more images is kept.
        """
        if images < self._checked:
            return
        if not self._checked or note.said != self.note:
            heed(note, as_is=self._as_is or bool(runs_in(self.out)))
        self._checked = images
        self.note, self.advised = note.said, note.options


def _clean_images(run: Path) -> int:
    """Return how many clean images a run has."""
    return int(read_info(run)["data"]["images"])
