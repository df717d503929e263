"""From a float image that flips to an 8-bit image that flips."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.metrics import l2_norm
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SCALES = 1 + np.geomspace(0.005, 2.0, 25)
THRESHOLDS = (0.5, 0.35, 0.2, 0.05)  # what a pixel's noise must exceed to be rounded away from 0; 0.5 is to nearest


def nearest_uint8(classifier: "Classifier", task: Task, noise: np.ndarray) -> float:
    """Return the L2, in grey levels, of the nearest 8-bit image along the noise that flips; NaN if there is none.

    Rounding can bring an image at the decision boundary back, and it removes all noise below half a grey level.
    The noise is therefore scaled up to 3 times and rounded away from 0 above several thresholds: 100 candidates, which
    do not count as queries.
    """
    scale, threshold = (a.reshape(-1, 1, 1, 1) for a in np.meshgrid(SCALES, THRESHOLDS))
    rounded = np.sign(noise) * np.floor(scale * np.abs(noise.astype(np.float64)) + 1 - threshold)
    candidates = np.clip(task.clean + rounded, 0, 255).astype(np.float32)
    norms = l2_norm(candidates - task.clean)
    predicted = classifier.scores(candidates).argmax(axis=1)
    flips = task.goal.reached(predicted)
    return float(norms[flips].min()) if flips.any() else float("nan")
