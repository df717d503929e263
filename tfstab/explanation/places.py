"""How few of the noise's pixels flip images: what the analysis `occlusion` found, over all images of a run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.median import estimate_median


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
    even : float
        The share if the noise were spread evenly over the image, as `even_share` computes it.
    """

    factor: float
    share: Estimate
    images: int
    flipped: int
    even: float


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
    channels = run.clean.images.shape[3]
    return [
        ShareFigures(
            float(factor), _median(column), len(column), int(np.isfinite(column).sum()), even_share(factor, channels)
        )
        for factor, column in zip(arrays["factors"], shares.T, strict=True)
    ]


def even_share(factor: float, channels: int) -> float:
    """Return the share of pixels that noise spread evenly over the image needs, times a factor, to flip it.

    Even of white Gaussian noise, some pixels count more than others. If the margin is linear, minimum noise is along
    its gradient, and each pixel lowers the margin by the square of its noise; squares summed over k channels have a
    chi-squared distribution of k degrees of freedom. The largest that together have 1 / factor of the whole sum are
    those above the quantile 1 - 1 / factor of k + 2 degrees of freedom.
    """
    from scipy.stats import chi2

    return float(chi2.sf(chi2.isf(min(1 / factor, 1.0), channels + 2), channels)) if factor > 0 else 1.0


def _median(shares: NDArray[np.float64]) -> Estimate:
    """Return the median of shares, NaN counting as more than all others, with an interval within 0..1."""
    estimate = estimate_median(np.where(np.isfinite(shares), shares, np.inf))
    return Estimate(*(min(end, 1.0) for end in (estimate.value, estimate.low, estimate.high)))
