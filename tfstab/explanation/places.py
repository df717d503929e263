"""How few of the noise's pixels flip images: what the analysis `occlusion` found, over all images of a run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import estimate_median


@dataclass(frozen=True)
class ShareFigures:
    """The smallest share of pixels found to suffice, for the minimum noise times a factor.

    Attributes
    ----------
    factor : float
        By which the noise is multiplied.
    share : Estimate
        Median over the images, 0..1, with its 95 % interval. An image that this noise does not flip, because of
        clipping, counts as needing more than all others.
    images : int
        Number of images that have minimum noise.
    flipped : int
        Number of these that the whole noise, times the factor, flips.
    """

    factor: float
    share: Estimate
    images: int
    flipped: int


def share_figures(run: ExplanationRun) -> list[ShareFigures]:
    """Return the median share of pixels for each factor; [] if no image has minimum noise.

    Parameters
    ----------
    run : ExplanationRun
        The explanation.
    """
    if not run.has("occlusion"):
        return []
    found, arrays = run.arrays("noise")["found"], run.arrays("occlusion")
    shares = arrays["share"][found]
    if not len(shares):
        return []
    return [
        ShareFigures(float(factor), _median(column), len(column), int(np.isfinite(column).sum()))
        for factor, column in zip(arrays["factors"], shares.T, strict=True)
    ]


def _median(shares: NDArray[np.float64]) -> Estimate:
    """Return the median of shares, NaN counting as more than all others, with an interval within 0..1."""
    estimate = estimate_median(np.where(np.isfinite(shares), shares, np.inf))
    return Estimate(*(min(end, 1.0) for end in (estimate.value, estimate.low, estimate.high)))
