"""Scores clean images with two networks: a few hundred at first, and more in a share of the time that is left."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import NDArray

from tfstab.assessment.plan import Clock
from tfstab.datasets import Dataset
from tfstab.runs import CleanImages
from tfstab.runs.description import describe
from tfstab.runs.files import remove_scores_of_runs
from tfstab.runs.info import is_run, read_info

if TYPE_CHECKING:
    import numpy as np

    from tfstab.classifier import Classifier

FEW = 300  # images to begin with; the others are scored once some images are degraded under all families
SHARE = 0.1  # of the time: clean images may take so much with both networks; usually they take far less
BEGINNING = 0.5  # of this share may be planned for at the beginning, when the speed is a first guess
STORED = 20e6  # bytes of images that a run compresses in a second, roughly


class PairedClean:
    """Clean images and their scores by two networks.

    Parameters
    ----------
    classifiers : sequence of Classifier
        The two networks, with the same classes.
    dataset : Dataset
        All images, with labels that are outputs of the networks.
    order : ndarray of int64 (N,)
        Rows of the images in the order in which to take them.
    folders : sequence of Path
        For each network the run folder that has the scores of all these images, or will have them. The folder around
        it, in which no other process works, keeps scores until then.
    clock : Clock
        Knows how much time is left.
    seed : int
        Seed of the runs.

    Attributes
    ----------
    images : Dataset
        The first images in this order, as many as were scored.
    scores : list of CleanImages
        The same with their scores by the first and by the second network.
    """

    def __init__(
        self,
        classifiers: "Sequence[Classifier]",
        dataset: Dataset,
        order: "NDArray[np.int64]",
        folders: Sequence[Path],
        clock: Clock,
        seed: int,
    ) -> None:
        self.classifiers, self.dataset, self.order, self.folders = classifiers, dataset, order, folders
        self.clock, self.seed = clock, seed
        self.images, self.scores = dataset.select(order[:0]), list[CleanImages]()

    @property
    def left(self) -> int:
        """Number of images that have not been scored."""
        return len(self.dataset) - len(self.images)

    def begin(self, images: int, pace: float) -> None:
        """Score a few hundred images, if there is time, and at least so many. pace: as in `affordable`."""
        if is_run(self.folders[0]) and not is_run(self.folders[1]):  # interrupted; both get the same images
            self.score(int(read_info(self.folders[0])["data"]["images"]))
        else:
            self.score(max(images, min(FEW, int(BEGINNING * self.affordable(pace)))))

    def affordable(self, pace: float) -> int:
        """Return how many images can be scored, and stored, in a share of the time left.

        pace: seconds to score an image with both networks.
        """
        each = pace + 2 * math.prod(self.dataset.image_shape) / STORED
        return max(0, int(SHARE * self.clock.left / each))

    def score(self, count: int) -> None:
        """Score the first images, as many as given, except those whose scores are known."""
        self.images, known = self.dataset.select(self.order[:count]), self.scores
        # What the check notices is recorded. The hardened network takes its inputs as the original does.
        checks = (lambda note: None, None)
        self.scores = []
        for side, (classifier, on_note) in enumerate(zip(self.classifiers, checks, strict=True)):
            info = describe("sweep", self.seed, {}, classifier, self.images, [])
            there: list[Path | CleanImages] = [self.folders[side], *known[side : side + 1]]
            keep = self.folders[side].parent
            self.scores.append(CleanImages.score(classifier, self.images, info, there, on_note, keep=keep))

    def end(self) -> None:
        """Remove the scores that were saved while scoring, once the runs have all of them."""
        for run in filter(is_run, self.folders):
            if read_info(run)["data"]["images"] >= len(self.images):
                remove_scores_of_runs(run.parent)
