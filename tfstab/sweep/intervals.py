"""Intervals of a sweep's measures, from the differences between images.

Images are independent and the copies of one image are not, so each image counts once, with the share of its copies that
is right. Accuracy, recall, precision and area have Korn and Graubard's interval (`tfstab.metrics.mean_interval`), which
also covers near 100 %, where resampling images gives intervals that are too short. That of severity50 follows from the
intervals of the accuracy kept. Other measures that are no means over images can have the percentile bootstrap interval
of resampled images.
"""

import math
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import (
    RESAMPLES,
    area_under_curve,
    interval_of_moments,
    mean_interval,
    percentile_interval,
    ratio,
    resample,
    resampled_sums,
    sigma50,
)
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, Estimate
from tfstab.metrics.kept import Kept, estimate_each

if TYPE_CHECKING:
    from tfstab.sweep.config import SweepConfig
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
        Number of bootstrap samples (B), and seed of their random numbers. All bootstrap intervals use the same samples.
    """

    def __init__(
        self, measures: "SweepMeasures", confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
    ) -> None:
        self._measures, self.confidence, self._resamples, self._seed = measures, confidence, resamples, seed

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """Of the accuracy at each severity, (2, S)."""
        return mean_interval(self._shares, self._measures.total > 0, self.confidence)

    @cached_property
    def accuracy_of_clean_correct(self) -> NDArray[np.float64]:
        """Of the accuracy at each severity of images that are right when clean, (2, S)."""
        right = self._measures.clean_correct
        return mean_interval(self._shares[right], self._measures.total[right] > 0, self.confidence)

    @cached_property
    def overall(self) -> NDArray[np.float64]:
        """Of the accuracy over all severities, (2,)."""
        return mean_interval(self._shares.mean(axis=1), confidence=self.confidence)

    @cached_property
    def severity50(self) -> NDArray[np.float64]:
        """Of severity50, (2,), the milder end first: see `severity_of_loss`."""
        m = self._measures
        found = severity_of_loss(m.config, self._shares, m.clean_correct, confidence=self.confidence)
        return np.array([found.low, found.high])

    @cached_property
    def area(self) -> NDArray[np.float64]:
        """Of the area under the curve, (2,); NaN if severities lie on both sides of the neutral one."""
        m = self._measures
        if not m.config.one_sided or not len(m):
            return np.full(2, np.nan)
        # The area is linear in the accuracies, so it is the mean of the areas under each image's own curve.
        areas = area_under_curve(m.config.distances, self._shares, m.clean_correct.astype(np.float64))
        return mean_interval(areas, confidence=self.confidence)

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassIntervals:
        """Return intervals of precision and recall at one severity or over all, as `SweepMeasures.class_metrics`."""
        m = self._measures
        row, predicted, count = m.entries(severity, clean_correct)
        return ClassIntervals(
            self._of_groups(row, predicted, count, predicted), self._of_groups(row, m.labels[row], count, predicted)
        )

    def _of_groups(
        self, row: np.ndarray, group: np.ndarray, count: np.ndarray, predicted: np.ndarray
    ) -> NDArray[np.float64]:
        """Return the interval of the share that is right in each group of entries, (2, K).

        An image weighs as much as it has entries in the group; in that of a predicted class, these are its copies that
        are predicted as this class. The number of images of each true class is taken as fixed, as in a test set that
        is drawn class by class. So a precision is uncertain only by the differences within classes: how many images of
        the class itself are found, and how many of each other class are taken for it.
        """
        m = self._measures
        code, place = np.unique(row * m.classes + group, return_inverse=True)
        weight = np.bincount(place, count, len(code))
        share = ratio(np.bincount(place, count * (predicted == m.labels[row]), len(code)), weight)
        of = code % m.classes

        def summed(values: np.ndarray) -> NDArray[np.float64]:
            """Sum a value of each image and group over the images of each group."""
            return np.asarray(np.bincount(of, values, m.classes), np.float64)

        mean = ratio(summed(weight * share), summed(weight))
        squares = summed(weight**2)
        images = np.bincount(m.labels[np.unique(row)], minlength=m.classes)
        scatter = _within_classes(m.labels[code // m.classes], of, weight * (share - mean[of]), images)
        return interval_of_moments(mean, ratio(scatter, squares), ratio(summed(weight) ** 2, squares), self.confidence)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """Share of each image's copies that is right at each severity, (M, S)."""
        return 1 - self._measures.wrong_share

    @cached_property
    def _weights(self) -> NDArray[np.uint16]:
        """How often each bootstrap sample contains each image, (B, M)."""
        m = self._measures
        return resample(len(m), self._resamples, self._seed) if len(m) else np.zeros((1, 0), np.uint16)

    @cached_property
    def accuracy_samples(self) -> NDArray[np.float64]:
        """Accuracy at each severity in each bootstrap sample, (B, S)."""
        return ratio(self.sums(self._shares), self.sums(np.ones_like(self._shares)))

    def interval(self, replicates: np.ndarray) -> NDArray[np.float64]:
        """Return the interval (2, ...) of a measure from its values in the bootstrap samples, (B, ...)."""
        return percentile_interval(replicates, self.confidence)

    def sums(self, values: np.ndarray) -> NDArray[np.float64]:
        """Return sums of values (M, F) over each bootstrap sample, (B, F); exact if they are whole numbers."""
        return resampled_sums(self._weights, values)


def severity_of_loss(
    config: "SweepConfig",
    shares: NDArray[np.float64],
    clean_right: NDArray[np.bool_],
    lost: float = 0.5,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Return the severity at which a share of the clean accuracy is lost, the interval's milder end first.

    The ends are where the low and the high ends of the intervals of the accuracy kept have lost as much.
    `tests/benchmarks/verdict_claims.py` checks by simulation how often the truth lies between them.

    Parameters
    ----------
    config : SweepConfig
        The settings of the sweep.
    shares : ndarray of float64, (M, S)
        Share of each image's copies that is right at each severity.
    clean_right : ndarray of bool, (M,)
        Images that are right when clean.
    lost : float
        The share of the clean accuracy, by default half of it.
    confidence : float
        Confidence of the interval.

    Returns
    -------
    Estimate
        The severity; infinite if as much is never lost. NaN if severities lie on both sides of the neutral one, or if
        too few images are right when clean.
    """
    right = clean_right.astype(np.float64)
    if not config.one_sided or not Kept(np.arange(len(shares)), shares, right).enough:
        return NO_ESTIMATE
    kept = estimate_each(shares, right, confidence)
    return Estimate(*map(float, config.at_distance(sigma50(config.distances, kept, np.ones(3), lost))))


def as_number(config: "SweepConfig", severity: Estimate) -> Estimate:
    """Return a severity that a sweep may not reach, with minus infinity for that if smaller numbers are stronger."""
    if not config.falls:
        return severity
    return Estimate(*(-math.inf if math.isinf(one) else one for one in (severity.value, severity.low, severity.high)))


def _within_classes(
    label: np.ndarray, group: np.ndarray, values: np.ndarray, images: np.ndarray
) -> NDArray[np.float64]:
    """Sum the squared deviations of values from the means of their true classes, for each group, (K,).

    label, group, values: (E,); an image without a value in a group counts as 0. images: number of images of each class,
    (K,). A class with a single image has no deviations from its mean, so the squares of its values are summed instead.
    """
    shape = len(images), len(images)
    of = label * len(images) + group
    total, squares = (np.bincount(of, v, shape[0] * shape[1]).reshape(shape) for v in (values, values**2))
    n = images[:, None]
    estimated = ratio(n * squares - total**2, n - 1)  # unbiased
    return np.asarray(np.fmin(squares, np.where(n > 1, estimated, np.nan)).sum(axis=0), np.float64)
