"""Whether a model's gradients fit its scores: a search that follows gradients which do not may find far too much noise.

Some models round their inputs or hide their gradients, so that what TensorFlow computes as the gradient says little of
how the scores change over the length of the minimum noise. That can be intended: networks that are trained for 8 bits
pass gradients straight through the rounding. So it is said, and no error.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.search.walks import BATCH

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MISFIT = "gradients_misfit"  # the entry of run.json: true, or missing
TRIED = 8  # images, at most
LENGTHS = (1.0, 4.0)  # of a step, in those that should just reach the boundary; longer ones are not lost in rounding
LONGEST = 32.0  # grey levels a pixel, root mean square
AGREE = 10.0  # ratio of the measured to the promised change, or its inverse, up to which they agree
UNFIT = (
    "The model's gradients do not fit its scores: a step along them that should just change the prediction mostly "
    f"changes the scores the wrong way, or less than 1/{AGREE:.0f} or more than {AGREE:.0f} times as much as the "
    "gradients say. The noise found with them may be far larger than needed: search with --engine labels or pygad, "
    "without --refine."
)


def do_not_fit(classifier: "Classifier", images: np.ndarray) -> bool:
    """Return whether steps along the gradients change the scores of most images otherwise than the gradients say.

    Each step leads from an image towards its second most likely class, about as far as the minimum noise is long. A
    network is not linear over this length, but on the bundled ones the change is 0.3 to 1.6 times the promised one.

    Parameters
    ----------
    classifier : Classifier
        The model, which has gradients.
    images : ndarray of uint8 (N, H, W, C)
        Clean images, grey levels 0..255, of which a few are tried.

    Raises
    ------
    ModelError
        The model turns out to have no gradients.
    """
    clean = np.asarray(images[:TRIED], np.float32)
    if not len(clean):
        return False
    classifier = classifier.with_batch_size(BATCH)  # for which a search compiles the model too
    before = classifier.log_scores(clean)
    rows, order = np.arange(len(clean)), before.argsort(axis=1)
    lead = np.zeros(before.shape, np.float32)  # weights of the log-scores in the lead over the second class
    lead[rows, order[:, -1]], lead[rows, order[:, -2]] = 1, -1
    gradients = classifier.gradients(clean, lead)[1].astype(np.float64)
    for length in LENGTHS:
        moved = _moved(clean, gradients, length * (before * lead).sum(axis=1))
        measured = ((classifier.log_scores(moved) - before) * lead).sum(axis=1)
        promised = (gradients * (moved - clean)).sum(axis=(1, 2, 3))
        told = promised < 0  # not where the gradient is 0, or leads out of 0..255
        if not told.any() or 1 / AGREE <= np.median(measured[told] / promised[told]) <= AGREE:
            return False
    return True


def _moved(
    images: NDArray[np.float32], gradients: NDArray[np.float64], change: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return images moved against their gradients by as much as lowers a linear function by `change` (N,)."""
    slope = np.sqrt(np.square(gradients).sum(axis=(1, 2, 3)))
    slope[slope == 0] = np.inf
    longest = LONGEST * np.sqrt(images[0].size)
    step = np.minimum(change / slope, longest) / slope
    moved: NDArray[np.float32] = np.clip(images - step[:, None, None, None] * gradients, 0, 255).astype(np.float32)
    return moved


def has_misfit(info: Mapping[str, Any]) -> bool:
    """Return whether the gradients that a search used do not fit the scores of its model. info: its run.json."""
    return info.get(MISFIT) is True
