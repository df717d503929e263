"""Runs of which so many copies of each image are right."""

import numpy as np

from tfstab import SweepConfig

TWO = SweepConfig(sigmas=(1, 40), copies=4)


def copies(right):
    """The classes of four copies of images of class 0, of which so many are right at each severity, (N, S)."""
    return np.where(np.arange(4) < np.asarray(right)[:, :, None], 0, 1)
