"""Metrics of images (PSNR, L2) and of classifiers (precision, recall, calibration), and their confidence intervals.

>>> from tfstab.metrics import RESAMPLES, resample
>>> resample(units=5, resamples=RESAMPLES, seed=0).shape
(1000, 5)
"""

from tfstab.metrics.calibration import Calibration
from tfstab.metrics.certificate import certified_radius, largest_radius
from tfstab.metrics.classification import ClassMetrics, class_metrics, ratio
from tfstab.metrics.curve import area_under_curve, sigma50
from tfstab.metrics.estimate import Estimate
from tfstab.metrics.image import l2_norm, psnr
from tfstab.metrics.intervals import (
    RESAMPLES,
    clopper_pearson_lower,
    percentile_interval,
    resample,
    resampled_sums,
    wilson_interval,
)
from tfstab.metrics.means import half_width, images_needed, interval_of_moments, least_half_width, mean_interval

__all__ = [
    "RESAMPLES",
    "Calibration",
    "ClassMetrics",
    "Estimate",
    "area_under_curve",
    "certified_radius",
    "class_metrics",
    "clopper_pearson_lower",
    "half_width",
    "images_needed",
    "interval_of_moments",
    "l2_norm",
    "largest_radius",
    "least_half_width",
    "mean_interval",
    "percentile_interval",
    "psnr",
    "ratio",
    "resample",
    "resampled_sums",
    "sigma50",
    "wilson_interval",
]
