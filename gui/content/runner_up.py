"""The runner-up: the class with the second highest score."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.runs import CleanImages

UNKNOWN = -1


def runner_up(scores: np.ndarray) -> NDArray[np.int64]:
    """Return the class with the second highest of some scores (..., K); UNKNOWN if there is only one class."""
    if scores.shape[-1] < 2:
        return np.full(scores.shape[:-1], UNKNOWN)
    return np.asarray(np.argsort(-scores, axis=-1, kind="stable")[..., 1])


def certain_runner_up(actual: int, predicted: int, score: float, true_score: float, classes: int) -> int:
    """Return the runner-up that follows from what a sweep records of a degraded image; UNKNOWN if none does.

    Of two classes, it is the other one. The scores of the other classes sum to 1 - score - true_score. If that is less
    than the true class's score, the true class is the runner-up of an image that is predicted as another class.
    """
    if classes == 2:
        return 1 - predicted
    return actual if predicted != actual and true_score > 1 - score - true_score else UNKNOWN


def second_when_clean(clean: "CleanImages", images: np.ndarray) -> NDArray[np.int64]:
    """Return the runner-up on the clean image of each of these images, given by index (N,)."""
    known, where = np.unique(images, return_inverse=True)
    return runner_up(clean.scores[[clean.row(int(image)) for image in known]])[where]
