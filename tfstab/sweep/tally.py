"""Looks up in a sweep's counts: how often each image was predicted as which class, at each severity."""

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import ClassMetrics, ratio
from tfstab.runs import CleanImages
from tfstab.sweep.counts import Counts

if TYPE_CHECKING:
    from tfstab.sweep.config import SweepConfig


LARGEST_WEIGHT = 1 << 20  # the product with the rows of any run still fits into 64 bits


class Tally:
    """Counts of the images that had been swept when it was made; it does not change while a sweep continues.

    In all shapes, M is the number of these images, S of severities in the run's order, and K of classes.

    Attributes
    ----------
    images : ndarray
        int64 (M,): indices in the full split, ascending.
    labels, clean_predicted : ndarray
        int64 (M,): true class, and prediction of the clean image.
    clean_scores : ndarray
        float32 (M, K): scores of the clean images.
    severities : ndarray
        float64 (S,).
    """

    def __init__(
        self, counts: Counts, clean: CleanImages, config: "SweepConfig", classes: int, threshold: float = 0.5
    ) -> None:
        self.config, self.classes, self.threshold = config, classes, threshold
        self.severities = np.array(config.severities, np.float64)
        self.images: NDArray[np.int64] = np.unique(counts.image)
        order = np.argsort(clean.indices)
        rows = order[np.searchsorted(clean.indices[order], self.images)]
        self.labels = clean.class_index[rows]
        self.clean_scores = clean.scores[rows]
        self.clean_predicted: NDArray[np.int64] = self.clean_scores.argmax(axis=1)
        self._counts = counts
        self._row = np.searchsorted(self.images, counts.image)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    @property
    def clean_correct(self) -> NDArray[np.bool_]:
        """Which images are right when clean, (M,)."""
        return np.asarray(self.clean_predicted == self.labels)

    @property
    def clean_true_score(self) -> NDArray[np.float32]:
        """Score of the true class of each clean image, (M,)."""
        return np.asarray(self.clean_scores[np.arange(len(self)), self.labels])

    @cached_property
    def weights(self) -> NDArray[np.int64]:
        """Weight of each copy of an image, (M,), so that all images count equally.

        It is 1 if all have the same number of copies; otherwise the smallest whole numbers, as long as these are not
        huge.
        """
        copies = self.total.max(axis=1, initial=1)
        multiple = 1
        for number in np.unique(copies).tolist():
            multiple = math.lcm(multiple, number)
        if copies.size and multiple == copies.min() == copies.max():
            return np.ones_like(copies)
        return np.asarray(np.round(min(multiple, LARGEST_WEIGHT) / copies).astype(np.int64))

    def votes(self, classes: np.ndarray) -> NDArray[np.int64]:
        """Return the copies of each image predicted as its class in `classes` (M,), at each severity, (M, S)."""
        return self._by_image(self._counts.predicted == classes[self._row])

    @cached_property
    def total(self) -> NDArray[np.int64]:
        """Copies of each image at each severity, (M, S)."""
        return self._by_image(np.ones(len(self._row), bool))

    @cached_property
    def correct(self) -> NDArray[np.int64]:
        """Copies classified correctly, (M, S)."""
        return self.votes(self.labels)

    @cached_property
    def weighted_total(self) -> NDArray[np.int64]:
        """`total`, weighted so that all images count equally, (M, S)."""
        return self.total * self.weights[:, None]

    @cached_property
    def weighted_correct(self) -> NDArray[np.int64]:
        """`correct`, weighted so that all images count equally, (M, S)."""
        return self.correct * self.weights[:, None]

    def _by_image(self, which: np.ndarray) -> NDArray[np.int64]:
        """Return the sum of these counts (E,) for each image and severity, (M, S)."""
        shape = len(self), len(self.severities)
        code = self._row[which] * shape[1] + self._counts.severity_index[which]
        return np.bincount(code, self._counts.count[which], np.prod(shape)).astype(np.int64).reshape(shape)

    def entries(self, severity: float | None = None, clean_correct: bool = False) -> tuple[np.ndarray, ...]:
        """Return (row in M, predicted class, weighted count), int64 (E,) each, at one severity or at all.

        clean_correct: only of images that are right when clean. Raises InputError for a severity that is not swept.
        """
        keep = np.ones(len(self._row), bool)
        if severity is not None:
            keep &= self._counts.severity_index == self.severity_index(severity)
        if clean_correct:
            keep &= self.clean_correct[self._row]
        return self._row[keep], self._counts.predicted[keep], self._weighted[keep]

    def severity_index(self, severity: float) -> int:
        """Return the index of a severity. Raises InputError for one that is not swept."""
        return self.config.severity_index(severity)

    @cached_property
    def _weighted(self) -> NDArray[np.int64]:
        """Counts (E,), weighted so that images count equally."""
        return self._counts.count * self.weights[self._row]

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K): images wrong or right when clean, severity, true class, predicted class."""
        shape = 2, len(self.severities), self.classes, self.classes
        place = self.clean_correct[self._row] * shape[1] + self._counts.severity_index
        code = (place * shape[2] + self.labels[self._row]) * shape[3] + self._counts.predicted
        return np.bincount(code, self._counts.count, np.prod(shape)).astype(np.int64).reshape(shape)

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassMetrics:
        """Return precision and recall at one severity or at all together (Tables 2 to 5 of the paper).

        clean_correct: only of images that are right when clean. Raises InputError for a severity that is not swept.
        """
        row, predicted, count = self.entries(severity, clean_correct)
        shape = self.classes, self.classes
        code = self.labels[row] * self.classes + predicted
        weighted, plain = (
            np.bincount(code, each, np.prod(shape)).astype(np.int64).reshape(shape)
            for each in (count, count // self.weights[row])
        )
        return ClassMetrics(weighted, plain)

    @cached_property
    def wrong_class(self) -> NDArray[np.int64]:
        """The wrong class that each image is most often predicted as, over all severities, (M,); -1 for none."""
        wrong = self._counts.predicted != self.labels[self._row]
        code, place = np.unique((self._row * self.classes + self._counts.predicted)[wrong], return_inverse=True)
        count = np.bincount(place, self._counts.count[wrong], len(code))
        best = np.full(len(self), -1, np.int64)
        order = np.lexsort((-code, count))  # the most frequent last; of equals the first class
        best[code[order] // self.classes] = code[order] % self.classes
        return best

    @cached_property
    def recall_by_severity(self) -> NDArray[np.float64]:
        """Recall of each class at each severity, (S, K); NaN for a class without images."""
        return self._share_right(self.labels[self._row])

    @cached_property
    def precision_by_severity(self) -> NDArray[np.float64]:
        """Precision of each class at each severity, (S, K); NaN for a class that is never predicted."""
        return self._share_right(self._counts.predicted)

    @cached_property
    def taken_by_severity(self) -> NDArray[np.float64]:
        """Share of the images of other classes that is taken for each class at each severity, (S, K).

        NaN without such images.
        """
        shape = len(self.severities), self.classes
        code, labels = self._counts.severity_index * self.classes, self.labels[self._row]
        wrong = self._counts.predicted != labels
        taken = np.bincount((code + self._counts.predicted)[wrong], self._weighted[wrong], np.prod(shape))
        own = np.bincount(code + labels, self._weighted, np.prod(shape)).reshape(shape)
        return ratio(taken.reshape(shape), own.sum(axis=1, keepdims=True) - own)

    def _share_right(self, classes: np.ndarray) -> NDArray[np.float64]:
        """Return the share of right predictions in each group, (S, K). classes: the group of each entry, (E,)."""
        shape = len(self.severities), self.classes
        code, count = self._counts.severity_index * self.classes + classes, self._weighted
        right = self._counts.predicted == self.labels[self._row]
        hits = np.bincount(code[right], count[right], np.prod(shape))
        return ratio(hits, np.bincount(code, count, np.prod(shape))).reshape(shape)
