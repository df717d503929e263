"""The interval of a difference without the allowance for rare images, if only this leaves the difference undecided."""

import math

from tfstab.metrics.estimate import CONFIDENCE, normal_quantile
from tfstab.metrics.paired import Difference
from tfstab.metrics.shares import signed_ends
from tfstab.wording import counted


def rare_images_note(mean: Difference) -> str:
    """Return the interval of a difference of shares without the allowance for rare images, if that would decide it.

    The interval of tfstab also counts images on which the networks differ completely, whether or not there are any
    (`tfstab.metrics.differences`), so its width has a lower limit. Returns "" if the difference is decided, or would
    not be decided without them.

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
        f"Without the allowance for rare images, the interval would be {ends}, which excludes 0. The interval above is "
        f"wider, because these {counted(mean.count)} may include none of the rare ones on which one network is always "
        f"right and the other always wrong. With {counted(mean.count)}, a difference below {least:.2f} points is never "
        "decided."
    )
