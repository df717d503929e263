"""From a float image that flips to an 8-bit image that flips."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.metrics import l2_norm
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SCALES = np.linspace(0.9, 3.0, 64, dtype=np.float32)


def nearest_uint8(classifier: "Classifier", task: Task, noise: np.ndarray) -> float:
    """L2 in grey levels of the nearest rounded image that is misclassified, along the noise; NaN where none is.

    Rounding can bring an image at the decision boundary back; so the noise is scaled by 0.9 to 3 before it is
    rounded, 64 queries that the search's count leaves out.
    """
    candidates = np.rint(np.clip(task.clean + SCALES[:, None, None, None] * noise, 0, 255))
    norms = l2_norm(candidates - task.clean)
    predicted = classifier.scores(candidates).argmax(axis=1)
    flips = predicted != task.class_index if task.target is None else predicted == task.target
    return float(norms[flips].min()) if flips.any() else float("nan")
