"""Whether nearly all images are taken for one class at a severity; then no single image explains it. Runs no model."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

NEARLY_ALL = 0.9  # of the degraded images of other classes
FEWEST = 20  # of these images; fewer are too few to tell


def taken_by_nearly_all(run: "SweepRun", severity_index: int, predicted: int) -> float:
    """Return the share of images of other classes that are taken for the class `predicted` at a severity.

    0 if it is less than `NEARLY_ALL`, or if there are too few such images to tell.
    """
    counts = run.confusion[:, severity_index].sum(axis=0)
    others = np.delete(counts, predicted, axis=0)
    total = int(others.sum())
    share = float(others[:, predicted].sum() / total) if total >= FEWEST else 0.0
    return share if share >= NEARLY_ALL else 0.0
