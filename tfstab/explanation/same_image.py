"""Which image of a run a picture is."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.runs import CleanImages

SAME_SCORES = 1e-3  # how far the scores of the same image may differ, in batches of another size


def row_of_picture(image: NDArray[np.uint8], scores: NDArray[np.float32], clean: "CleanImages") -> int | None:
    """Return the row of the image of a run that equals a picture; None if there is none.

    Parameters
    ----------
    image : ndarray of uint8 (H, W, C)
        The picture, as large as the images of the run.
    scores : ndarray (K,)
        Its scores by the model of the run.
    clean : CleanImages
        The clean images of the run.
    """
    if scores.shape != clean.scores.shape[1:]:
        return None
    for row in np.flatnonzero(np.abs(clean.scores - scores).max(axis=1) < SAME_SCORES).tolist():
        if np.array_equal(clean.images[row], image):
            return int(row)
    return None
