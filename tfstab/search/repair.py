"""The repair: finds an 8-bit image that flips near a float image that flips."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.inputs import default_batch
from tfstab.metrics.image import l2_norm
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SCALES = 1 + np.geomspace(0.005, 2.0, 25)  # factors of the noise
# Fractions of a grey level from which noise is rounded away from 0; 0.5 rounds to nearest.
THRESHOLDS = (0.5, 0.35, 0.2, 0.05)
CANDIDATES = len(SCALES) * len(THRESHOLDS)  # images that are scored, which count as queries


def candidates_of(clean: NDArray[np.uint8], noise: np.ndarray) -> NDArray[np.float32]:
    """Return the 8-bit images (`CANDIDATES`, H, W, C) near a clean image with noise (H, W, C)."""
    scale, threshold = (a.reshape(-1, 1, 1, 1) for a in np.meshgrid(SCALES, THRESHOLDS))
    rounded = np.sign(noise) * np.floor(scale * np.abs(noise.astype(np.float64)) + 1 - threshold)
    candidates: NDArray[np.float32] = np.clip(clean + rounded, 0, 255).astype(np.float32)
    return candidates


def nearest_uint8(classifier: "Classifier", task: Task, noise: np.ndarray) -> NDArray[np.float32] | None:
    """Return the noise (H, W, C) of the nearest 8-bit candidate that flips, in the task's norm; None if none flips.

    Rounding can move an image back across the decision boundary, and it removes all noise below half a grey level.
    The candidates therefore have the noise scaled by 25 factors up to 3, and rounded at four thresholds.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    task : Task
        The image and its goal.
    noise : ndarray
        Noise (H, W, C), float32, in grey levels, that flips the image.
    """
    candidates = candidates_of(task.clean, noise)
    moves = candidates - task.clean
    batch = min(CANDIDATES, default_batch(classifier.input_shape))
    predicted = classifier.with_batch_size(batch).log_scores(candidates).argmax(axis=1)
    norms = task.norm.length(moves.reshape(len(moves), -1))
    reached = np.asarray(task.goal.reached(predicted), bool)
    # A result stores only the two lengths of its 8-bit image, so all candidates that share them must flip.
    alike = np.unique(np.stack([norms, l2_norm(moves)]), axis=1, return_inverse=True)[1].reshape(-1)
    flips = np.bincount(alike[~reached], minlength=len(alike))[alike] == 0
    nearest = int(np.where(flips, norms, np.inf).argmin())
    return moves[nearest] if flips[nearest] else None
