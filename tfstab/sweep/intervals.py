"""How sure a sweep's measures are: percentile bootstrap over images.

The copies of one image are not independent trials, images are: so images are drawn again with all of their copies.
Where no copy of any image fails an interval has no width: that says nothing has been seen, not that nothing can be.
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
    """Low and high ends, float64 (2, K); NaN where there is no value."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


class SweepIntervals:
    """Intervals of a sweep's measures, each an array (2, ...) of low and high ends.

    confidence: of each interval by itself. resamples, seed: how many bootstrap samples, and of which numbers. All
    measures are taken of the same samples. Without images all are NaN.
    """

    def __init__(
        self, measures: "SweepMeasures", confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
    ) -> None:
        self._measures, self.confidence = measures, confidence
        self._weights = resample(len(measures), resamples, seed) if len(measures) else np.zeros((1, 0), np.uint16)

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """At each severity, (2, S)."""
        return self._interval(self._accuracy)

    @cached_property
    def accuracy_of_clean_correct(self) -> NDArray[np.float64]:
        """At each severity, over images that are right when clean, (2, S)."""
        m, right = self._measures, self._measures.clean_correct[:, None]
        return self._interval(ratio(self._sums(m.correct * right), self._sums(m.total * right)))

    @cached_property
    def overall(self) -> NDArray[np.float64]:
        """Accuracy over all noise, (2,)."""
        m = self._measures
        sums = self._sums(np.stack([m.correct.sum(axis=1), m.total.sum(axis=1)], axis=1))
        return self._interval(ratio(sums[:, 0], sums[:, 1]))

    @cached_property
    def severity50(self) -> NDArray[np.float64]:
        """(2,), the milder end first; infinite where the accuracy does not fall so far, NaN as for the value."""
        config = self._measures.config
        return config.at_distance(self._interval(sigma50(config.distances, self._accuracy, self._clean_accuracy)))

    @cached_property
    def area(self) -> NDArray[np.float64]:
        """Normalised area under the curve, (2,); NaN as for the value."""
        config = self._measures.config
        if not config.one_sided:
            return np.full(2, np.nan)
        return self._interval(area_under_curve(config.distances, self._accuracy, self._clean_accuracy))

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassIntervals:
        """Precision and recall over all noise or one severity, as `SweepMeasures.class_metrics`."""
        m = self._measures
        row, predicted, count = m.entries(severity, clean_correct)
        hit = predicted == m.labels[row]
        right = self._class_sums(row[hit], predicted[hit], count[hit])
        as_class = self._class_sums(row, predicted, count)
        of_class = self._class_sums(row, m.labels[row], count)
        return ClassIntervals(self._interval(ratio(right, as_class)), self._interval(ratio(right, of_class)))

    @cached_property
    def _accuracy(self) -> NDArray[np.float64]:
        """(B, S)."""
        return ratio(self._sums(self._measures.correct), self._sums(self._measures.total))

    @cached_property
    def _clean_accuracy(self) -> NDArray[np.float64]:
        """(B,)."""
        right = self._sums(self._measures.clean_correct[:, None].astype(np.float64))[:, 0]
        return ratio(right, np.full_like(right, len(self._measures)))

    def _interval(self, replicates: np.ndarray) -> NDArray[np.float64]:
        return percentile_interval(replicates, self.confidence)

    def _class_sums(self, row: np.ndarray, column: np.ndarray, count: np.ndarray) -> NDArray[np.float64]:
        from scipy.sparse import csr_array

        m = self._measures
        return self._sums(csr_array((count.astype(np.float64), (row, column)), (len(m), m.classes)))

    def _sums(self, values: "np.ndarray | csr_array") -> NDArray[np.float64]:
        """Sums of values (M, F) over each bootstrap sample, (B, F); exact, as all are whole numbers."""
        return resampled_sums(self._weights, values)
