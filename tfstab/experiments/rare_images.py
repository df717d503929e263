"""Why a mean difference is undecided, where only the allowance for rare images leaves it open."""

import math

from tfstab.metrics.estimate import CONFIDENCE, normal_quantile
from tfstab.metrics.paired import Difference
from tfstab.metrics.shares import signed_ends
from tfstab.wording import counted


def rare_images_note(mean: Difference) -> str:
    """Return the interval of a difference of shares without the allowance for rare images, if that would decide it.

    The interval of tfstab counts further images that differ completely (`tfstab.metrics.differences`), so it is never
    narrower than these alone make it. Returns "" if the difference is decided, or would not be decided without them.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.experiments.rare_images import rare_images_note
    >>> from tfstab.metrics.paired import mean_difference
    >>> first = np.full(400, 0.5)
    >>> rare_images_note(mean_difference(first, first + 0.005 + np.tile([0.01, -0.01], 200))).split(", ")[1]
    'the interval would be +0.40 to +0.60'
    >>> rare_images_note(mean_difference(first, first + 0.1))  # decided
    ''
    """
    z = normal_quantile(CONFIDENCE)
    half = z * math.sqrt(mean.variance / mean.count) if mean.count else math.inf
    if mean.sign or half >= abs(mean.value):
        return ""
    ends = signed_ends(mean.value - half, mean.value + half, 2)
    least = math.ceil(1e4 * z**2 / mean.count) / 100
    return (
        f"Counting only how these {counted(mean.count)} differ, the interval would be {ends}, without 0. The one above "
        f"is wider, because rare images that differ completely may be missing among so few; with {mean.count:,}, a "
        f"difference below {least:.2f} points is never decided."
    )
