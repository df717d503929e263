"""How much a network bends along minimum noise and along random directions, over all images of a run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.median import estimate_median


@dataclass(frozen=True)
class CurvatureFigures:
    """Curvature along lines, as `tfstab.explanation.curvature` defines it: 0 for a straight line.

    All are medians over images with 95 % intervals. Of an image's random directions, the median is taken first.

    Attributes
    ----------
    noise : Estimate
        Along the minimum noise.
    random : Estimate
        Along random directions of the same length.
    copies : Estimate
        Along noisy copies at the run's sigma.
    size : Estimate
        Absolute curvature along the minimum noise.
    more : Estimate
        Absolute curvature along the minimum noise minus that along random directions of the same length, paired by
        image. Above 0, the network bends more along the minimum noise.
    longer : Estimate
        Length of a noisy copy divided by that of the minimum noise.
    images : int
        Number of images.
    """

    noise: Estimate
    random: Estimate
    copies: Estimate
    size: Estimate
    more: Estimate
    longer: Estimate
    images: int


def curvature_figures(run: ExplanationRun) -> CurvatureFigures | None:
    """Return the curvature of a run's images; None if no image has minimum noise.

    Parameters
    ----------
    run : ExplanationRun
        The explanation.
    """
    if not run.has("curvature"):
        return None
    arrays = run.arrays("curvature")
    kept = run.arrays("noise")["found"] & np.isfinite(arrays["bends"]).all(axis=1)
    if not kept.any():
        return None
    bends, length = arrays["bends"][kept], arrays["length"][kept]
    directions = (bends.shape[1] - 1) // 2
    noise, random, copies = bends[:, 0], bends[:, 1 : 1 + directions], bends[:, 1 + directions :]
    more = np.abs(noise) - np.median(np.abs(random), axis=1)
    return CurvatureFigures(
        noise=_median(noise),
        random=_median(np.median(random, axis=1)),
        copies=_median(np.median(copies, axis=1)),
        size=_median(np.abs(noise)),
        more=_median(more),
        longer=estimate_median(length[:, 1] / np.maximum(length[:, 0], np.finfo(float).tiny)),
        images=int(kept.sum()),
    )


def _median(values: NDArray[np.float64]) -> Estimate:
    """Return the median of values of either sign."""
    return estimate_median(values, least=-np.inf)
