"""The sample of images on which the check of the inputs compares forms of preprocessing, and means over it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # that of scipy.stats takes longer to import

if TYPE_CHECKING:
    from tfstab.datasets import Dataset

SAMPLE = 128  # images on which forms of preprocessing are compared


@dataclass(frozen=True)
class Weights:
    """Weights of a sample that has the same number of images right and wrong, whatever their shares are.

    Attributes
    ----------
    strata : ndarray of int (n,)
        For each image, 0 if the model gets it wrong with the preprocessing in use, and 1 if it gets it right.
    shares : tuple of float
        Share of each stratum in all images.
    total : int
        Number of all images.
    """

    strata: NDArray[np.int64]
    shares: tuple[float, float]
    total: int

    def first(self, count: int) -> "Weights":
        """Return the weights of the first images of the sample alone."""
        return replace(self, strata=self.strata[:count])

    def mean(self, values: np.ndarray) -> float:
        """Return the mean over all images, estimated from the sample."""
        return sum(share * float(part.mean()) for share, part in self._parts(values))

    def bound(self, values: NDArray[np.float64], probability: float) -> float:
        """Return the value that the mean over all such images exceeds with this probability, by Student's t."""
        mean, within, between = self.mean(values), 0.0, 0.0
        for share, part in self._parts(values):
            if len(part) > 1:
                within += share**2 * part.var(ddof=1) / len(part) * (1 - len(part) / (share * self.total))
                between += share * part.var(ddof=1) / self.total
            between += share * (part.mean() - mean) ** 2 / self.total
        error = np.sqrt(within + between)
        return mean + float(stdtrit(len(values) - 1, 1 - probability)) * float(error)

    def _parts(self, values: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return the share and the values of each stratum that has any."""
        parts = [(share, values[self.strata == k]) for k, share in enumerate(self.shares)]
        return [(share, part) for share, part in parts if len(part)]


def sample_of(dataset: "Dataset", correct: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Weights]:
    """Return the rows of a sample, as many of them right as wrong if there are enough, and its weights.

    Forms differ most in the images that are wrong with the form in use, of which a random sample has few.
    """
    counts = [int((~correct).sum()), int(correct.sum())]
    half = SAMPLE // 2
    sizes = [min(count, max(half, SAMPLE - other)) for count, other in zip(counts, counts[::-1], strict=True)]
    chosen = [_stratified(dataset, np.flatnonzero(correct == k), size) for k, size in enumerate(sizes)]
    place = np.concatenate([(np.arange(size) + 0.5) / max(size, 1) for size in sizes])
    order = np.argsort(place, kind="stable")  # each part of the sample has both kinds in the same shares
    strata = np.repeat([0, 1], sizes)[order]
    total = len(dataset)
    return np.concatenate(chosen)[order], Weights(strata, (counts[0] / total, counts[1] / total), total)


def _stratified(dataset: "Dataset", rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return a sample of these rows in which each class has its share, in random order."""
    if not size:
        return rows[:0]
    random = np.random.Generator(np.random.Philox(key=0))
    shuffled = random.permutation(rows)
    labels = dataset.labels[shuffled]
    counts, by_class = np.bincount(labels), np.argsort(labels, kind="stable")
    rank = np.empty(len(rows))
    rank[by_class] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.argsort((rank + random.uniform(size=len(rows))) / counts[labels], kind="stable")
    return np.asarray(shuffled[first[:size]])
