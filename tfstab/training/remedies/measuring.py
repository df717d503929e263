"""Accuracy or mean recall of several remedies on the same clean and degraded validation images."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.training.remedies.candidates import Candidate
from tfstab.training.remedies.degrader import Degrader
from tfstab.training.remedies.kept import KeptArrays
from tfstab.training.remedies.measure import measured

MOST_IMAGES = 2000  # validation images that are scored
LEAST_IMAGES = 200  # without time for so many, each gets fewer degraded copies
DEGRADED, MOST_COPIES = 1000, 5  # degraded copies wanted in all if there are few images, and at most of each
DRAWS = 1 << 32  # first number of the draws for validation; those for BatchNorm statistics start at 0


@dataclass(frozen=True, eq=False)
class Measured:
    """A remedy and its scores for the validation images.

    Attributes
    ----------
    candidate : Candidate
        The remedy.
    labels : ndarray
        Classes of the images (N,), int64.
    clean_scores, degraded_scores : ndarray
        Scores for the clean images (N, K) and for the degraded copies of each (N, copies, K), float32.
    """

    candidate: Candidate
    labels: NDArray[np.int64]
    clean_scores: NDArray[np.float32]
    degraded_scores: NDArray[np.float32]

    @property
    def clean(self) -> float:
        """Accuracy, or mean recall if one class is common, on the clean images, 0 to 1."""
        return measured(self.clean_scores.argmax(axis=-1) == self.labels, self.labels)

    @property
    def degraded(self) -> float:
        """The same on the degraded images, 0 to 1."""
        return measured(self.right, self.labels)

    @property
    def right(self) -> NDArray[np.float64]:
        """Share of the degraded copies of each image that are classified correctly, float64 (N,)."""
        return np.asarray((self.degraded_scores.argmax(axis=-1) == self.labels[:, None]).mean(axis=1))


def measure(
    candidates: Sequence[Candidate],
    validation: Dataset,
    degrader: Degrader,
    seed: int,
    minutes: float | None = None,
    on_progress: Callable[[float], None] | None = None,
    kept: KeptArrays | None = None,
    classes: int | None = None,
) -> list[Measured]:
    """Score clean and degraded validation images with several remedies.

    Parameters
    ----------
    candidates : sequence of Candidate
        The remedies, without ensembles.
    validation : Dataset
        Validation images; at most 2,000 are used, with each class in proportion.
    degrader : Degrader
        Degrades them in the same way for all remedies.
    seed : int
        Seed of the choice of images and of the draws.
    minutes : float, optional
        Time for scoring. If it is short, each image gets fewer degraded copies, and fewer images are scored, but at
        least one batch.
    on_progress : callable, optional
        Called as on_progress(share) with the share of the work that is done, 0 to 1.
    kept : KeptArrays, optional
        Where scores are kept, by remedy and batch of images. Scores that it has already are not computed again.
    classes : int, optional
        Number of classes that kept scores must have.

    Returns
    -------
    list of Measured
        The scores, in the order of the candidates.
    """
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    order = stratified_order(validation.labels, seed)[:MOST_IMAGES]
    scoring = _Scoring(candidates, validation, degrader, seed, kept or KeptArrays(None), classes)
    images, copies = whole = len(order), wanted_copies(len(order))
    if math.isfinite(end):
        scoring.measure_speed(order[: degrader.size])
        images, copies = _planned(len(order), (end - time.monotonic()) / scoring.second)
    # An earlier call may have kept fewer copies for lack of time: they are used, unless there is time for everything.
    scoring.copies = copies if (images, copies) == whole else scoring.copies_kept() or copies
    scores: list[list[np.ndarray]] = [[] for _ in candidates]
    done, images = 0, max(images, min(degrader.size, len(order)))
    for start in range(0, len(order), degrader.size):
        rows = order[start : start + degrader.size]
        if start and not scoring.fits(start, len(rows), end):
            break

        def tell(share: float, done: int = done, count: int = len(rows)) -> None:
            """Tell how much of the planned work is done."""
            if on_progress is not None:
                on_progress(min(1.0, (done + share * count) / images))

        of_batch = scoring.score(start, rows, tell, end if start else math.inf)
        if of_batch is None:
            break
        for all_scores, few in zip(scores, of_batch, strict=True):
            all_scores.append(few)
        done += len(rows)
    if on_progress is not None:
        on_progress(1.0)
    labels, joined = validation.labels[order[:done]], [np.concatenate(few) for few in scores]
    return [
        Measured(candidate, labels, of_all[:, 0], of_all[:, 1:])
        for candidate, of_all in zip(candidates, joined, strict=True)
    ]


class _Scoring:
    """Scores batches of clean images and of their degraded copies with all remedies, and keeps the scores."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        validation: Dataset,
        degrader: Degrader,
        seed: int,
        kept: KeptArrays,
        classes: int | None,
    ) -> None:
        self.candidates, self.validation, self.degrader, self.seed = candidates, validation, degrader, seed
        self._kept, self._classes, self.copies = kept, classes, 0
        self.second = 0.0  # seconds to score an image once with all remedies, degrading included, roughly
        self._compiled = False

    def measure_speed(self, rows: NDArray[np.int64]) -> None:
        """Estimate how long an image takes from the original network, which is the first remedy."""
        images = self.validation.images[rows]
        self.candidates[0].scores(images)  # the first call compiles
        began = time.monotonic()
        self.candidates[0].scores(images)
        passes = sum(candidate.cost for candidate in self.candidates)
        self.second = max(passes * (time.monotonic() - began) / len(images), 1e-9)

    def copies_kept(self) -> int:
        """Return how many degraded copies of each image an earlier call scored and kept; 0 for none."""
        found = self._kept.get(self._name(0, self.candidates[0]), (None, None, self._classes))
        return 0 if found is None else min(MOST_COPIES, found.shape[1] - 1)

    def fits(self, start: int, count: int, end: float) -> bool:
        """Return whether there is time for so many images, apart from scores that are kept."""
        costs = [each.cost for each in self.candidates if self._found(start, count, each) is None]
        share = sum(costs) / sum(each.cost for each in self.candidates)
        return not costs or time.monotonic() + share * count * (1 + self.copies) * self.second <= end

    def score(
        self, start: int, rows: NDArray[np.int64], tell: Callable[[float], None], end: float
    ) -> list[NDArray[np.float32]] | None:
        """Return each remedy's scores (N, 1 + copies, K), those of the clean images first; None if time runs out.

        start: place of the first image, which numbers the draws. tell: gets the share that is done.
        """
        versions: list[np.ndarray] = []
        scores = []
        began = time.monotonic()
        for number, candidate in enumerate(self.candidates):
            found = self._found(start, len(rows), candidate)
            if found is None:
                if time.monotonic() > end:
                    return None
                versions = versions or self._versions(start, rows)
                found = np.stack([candidate.scores(images) for images in versions], axis=1)
                self._kept.put(self._name(start, candidate), found)
            scores.append(found)
            tell((number + 1) / len(self.candidates))
        if versions and self._compiled:  # the first batch also compiles, so its time says little
            self.second = (time.monotonic() - began) / len(rows) / (1 + self.copies)
        self._compiled = self._compiled or bool(versions)
        return scores

    def _versions(self, start: int, rows: NDArray[np.int64]) -> list[np.ndarray]:
        """Return the clean images of a batch, and their degraded copies."""
        images = self.validation.images[rows]
        numbers = (DRAWS + start * MOST_COPIES + copy for copy in range(self.copies))
        return [images, *(self.degrader(images, self.seed, number) for number in numbers)]

    def _found(self, start: int, count: int, candidate: Candidate) -> NDArray[np.float32] | None:
        """Return a remedy's scores of a batch if they were kept."""
        return self._kept.get(self._name(start, candidate), (count, 1 + self.copies, self._classes))

    def _name(self, start: int, candidate: Candidate) -> str:
        """Return the name under which a remedy's scores of a batch are kept."""
        return f"{candidate.name} from {start}"


def wanted_copies(images: int) -> int:
    """Return how many degraded copies of each image there should be: more if there are few images."""
    return min(MOST_COPIES, -(-DEGRADED // images))


def _planned(available: int, affordable: float) -> tuple[int, int]:
    """Return the numbers of images and of degraded copies of each for which there is time.

    Without enough time there are fewer images, then fewer copies, and then fewer images again.

    available: images that there are. affordable: how often there is time to score an image once with all remedies.
    """
    copies, least = wanted_copies(available), min(LEAST_IMAGES, available)
    if affordable < (1 + copies) * least:
        copies = min(copies, max(1, int(affordable / least) - 1))
    return min(available, max(1, int(affordable / (1 + copies)))), copies


def measured_ensemble(candidate: Candidate, members: Sequence[Measured]) -> Measured:
    """Return the scores of an ensemble, which are the means of those of its members."""
    return Measured(
        candidate,
        members[0].labels,
        np.mean([member.clean_scores for member in members], axis=0),
        np.mean([member.degraded_scores for member in members], axis=0),
    )
