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
from tfstab.training.remedies.measure import measured

MOST_IMAGES, LEAST_IMAGES = 2000, 200  # validation images that are scored, depending on the time
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
        """Accuracy, or mean recall if one class has most images, on the clean images, 0 to 1."""
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
        Time after which scoring stops, once 200 images are scored.
    on_progress : callable, optional
        Called as on_progress(share) with the share of the work that is done, 0 to 1.

    Returns
    -------
    list of Measured
        The scores, in the order of the candidates.
    """
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    order = stratified_order(validation.labels, seed)[:MOST_IMAGES]
    copies = min(MOST_COPIES, -(-DEGRADED // len(order)))
    clean: list[list[np.ndarray]] = [[] for _ in candidates]
    degraded: list[list[np.ndarray]] = [[] for _ in candidates]
    done = 0
    for start in range(0, len(order), degrader.size):
        images = validation.images[order[start : start + degrader.size]]
        harmed = [degrader(images, seed, DRAWS + start * MOST_COPIES + copy) for copy in range(copies)]
        for number, candidate in enumerate(candidates):
            clean[number].append(candidate.scores(images))
            degraded[number].append(np.stack([candidate.scores(copy) for copy in harmed], axis=1))
            if on_progress is not None:
                on_progress((done + len(images) * (number + 1) / len(candidates)) / len(order))
        done += len(images)
        if done >= LEAST_IMAGES and time.monotonic() > end:
            break
    if on_progress is not None:
        on_progress(1.0)
    labels = validation.labels[order[:done]]
    return [
        Measured(candidate, labels, np.concatenate(scores), np.concatenate(of_copies))
        for candidate, scores, of_copies in zip(candidates, clean, degraded, strict=True)
    ]


def measured_ensemble(candidate: Candidate, members: Sequence[Measured]) -> Measured:
    """Return the scores of an ensemble, which are the means of those of its members."""
    return Measured(
        candidate,
        members[0].labels,
        np.mean([member.clean_scores for member in members], axis=0),
        np.mean([member.degraded_scores for member in members], axis=0),
    )
