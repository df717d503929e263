"""Measures of images (PSNR, L2) and of classifications (precision, recall, intervals)."""

from tfstab.metrics.classification import ClassMetrics, class_metrics, wilson_interval
from tfstab.metrics.image import l2_norm, psnr

__all__ = ["ClassMetrics", "class_metrics", "l2_norm", "psnr", "wilson_interval"]
