"""Intervals of a sweep's measures: percentile bootstrap over images.

Images are resampled, each with all of its copies, as images are independent and the copies of one image are not. If no
copy of any image fails, an interval has zero width, which means only that no failure was seen.
"""

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import RESAMPLES, area_under_curve, percentile_interval, ratio, resample, resampled_sums, sigma50

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from tfstab.sweep.measures import SweepMeasures


class ClassIntervals(NamedTuple):
    """Intervals of each class's precision and recall.

    Attributes
    ----------
    precision, recall : ndarray
        float64 (2, K): low and high ends; NaN if there is no value.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


class SweepIntervals:
    """Intervals of a sweep's measures, each an array (2, ...) of low and high ends; NaN without images.

    Parameters
    ----------
    measures : SweepMeasures
        The measures.
    confidence : float
        Confidence of each interval by itself.
    resamples, seed : int
        Number of bootstrap samples (B), and seed of their random numbers. All intervals use the same samples.
    """

    def __init__(
        self, measures: "SweepMeasures", confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
    ) -> None:
        self._measures, self.confidence = measures, confidence
        self._weights = resample(len(measures), resamples, seed) if len(measures) else np.zeros((1, 0), np.uint16)

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """Of the accuracy at each severity, (2, S)."""
        return self.interval(self.accuracy_samples)

    @cached_property
    def accuracy_of_clean_correct(self) -> NDArray[np.float64]:
        """Of the accuracy at each severity of images that are right when clean, (2, S)."""
        m, right = self._measures, self._measures.clean_correct[:, None]
        return self.interval(ratio(self.sums(m.correct * right), self.sums(m.total * right)))

    @cached_property
    def overall(self) -> NDArray[np.float64]:
        """Of the accuracy over all severities, (2,)."""
        m = self._measures
        sums = self.sums(np.stack([m.correct.sum(axis=1), m.total.sum(axis=1)], axis=1))
        return self.interval(ratio(sums[:, 0], sums[:, 1]))

    @cached_property
    def severity50(self) -> NDArray[np.float64]:
        """Of severity50, (2,), the milder end first; infinite if accuracy does not fall so far."""
        config = self._measures.config
        distances = sigma50(config.distances, self.accuracy_samples, self.clean_accuracy_samples)
        return config.at_distance(self.interval(distances))

    @cached_property
    def area(self) -> NDArray[np.float64]:
        """Of the area under the curve, (2,); NaN if severities lie on both sides of the neutral one."""
        config = self._measures.config
        if not config.one_sided:
            return np.full(2, np.nan)
        return self.interval(area_under_curve(config.distances, self.accuracy_samples, self.clean_accuracy_samples))

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassIntervals:
        """Return intervals of precision and recall at one severity or over all, as `SweepMeasures.class_metrics`."""
        m = self._measures
        row, predicted, count = m.entries(severity, clean_correct)
        hit = predicted == m.labels[row]
        right = self._class_sums(row[hit], predicted[hit], count[hit])
        as_class = self._class_sums(row, predicted, count)
        of_class = self._class_sums(row, m.labels[row], count)
        return ClassIntervals(self.interval(ratio(right, as_class)), self.interval(ratio(right, of_class)))

    @cached_property
    def accuracy_samples(self) -> NDArray[np.float64]:
        """Accuracy at each severity in each bootstrap sample, (B, S)."""
        return ratio(self.sums(self._measures.correct), self.sums(self._measures.total))

    @cached_property
    def clean_accuracy_samples(self) -> NDArray[np.float64]:
        """Clean accuracy in each bootstrap sample, (B,)."""
        right = self.sums(self._measures.clean_correct[:, None].astype(np.float64))[:, 0]
        return ratio(right, np.full_like(right, len(self._measures)))

    def interval(self, replicates: np.ndarray) -> NDArray[np.float64]:
        """Return the interval (2, ...) of a measure from its values in the bootstrap samples, (B, ...)."""
        return percentile_interval(replicates, self.confidence)

    def _class_sums(self, row: np.ndarray, column: np.ndarray, count: np.ndarray) -> NDArray[np.float64]:
        """Return sums of counts for each class (column) over each bootstrap sample, (B, K)."""
        from scipy.sparse import csr_array

        m = self._measures
        return self.sums(csr_array((count.astype(np.float64), (row, column)), (len(m), m.classes)))

    def sums(self, values: "np.ndarray | csr_array") -> NDArray[np.float64]:
        """Return sums of values (M, F) over each bootstrap sample, (B, F); exact if they are whole numbers."""
        return resampled_sums(self._weights, values)
