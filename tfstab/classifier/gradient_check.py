"""Checks the gradients that a person's function gives against the scores that another function gives."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import ModelError
from tfstab.wording import rounded_to

# How much a step is to change the weighted sum of log-scores, in the order of trial. One step that agrees is enough.
# Short ones are lost where a function rounds its images or computes in half precision, long ones leave the region in
# which a network is nearly linear.
CHANGES = (0.05, 0.5, 0.005)
MOST_IMAGES = 2
LONGEST_STEP = 1.0  # grey levels a pixel, root mean square
AGREE = 3.0  # ratio of the measured to the promised change, or its inverse, within which they agree
FLAT, CLEAR = 0.005, 0.5  # a promised change that is too small to measure, and a measured one that is no rounding


def agrees_with_scores(
    log_scores_of: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    images: NDArray[np.float32],
    weights: NDArray[np.float32],
    log_scores: NDArray[np.float64],
    gradients: NDArray[np.float32],
    name: str,
) -> bool:
    """Return whether steps along gradients change the log-scores as the gradients say; False if too flat to tell.

    Gradients with the wrong sign, of scaled images, or of another layout are found in this way. As a rule, one image
    is scored.

    Parameters
    ----------
    log_scores_of : callable
        Returns the log-scores (N, K) of images (N, H, W, C).
    images : ndarray
        (B, H, W, C), float32, grey levels 0..255.
    weights : ndarray
        (B, K), the weights of the log-scores.
    log_scores : ndarray
        (B, K), of the images.
    gradients : ndarray
        (B, H, W, C), of the weighted sums of log-scores by the grey levels.
    name : str
        The classifier's name, for messages.

    Raises
    ------
    ModelError
        They do not agree on any of the first images.
    """
    ratios = []
    for change in CHANGES:
        for image, weight, before, gradient in zip(
            images[:MOST_IMAGES], weights, log_scores, gradients.astype(np.float64), strict=False
        ):
            slope = float(np.sqrt(np.square(gradient).sum()))
            if not slope:
                continue
            step = min(change / slope, LONGEST_STEP * np.sqrt(gradient.size))
            moved = (image + step * (gradient / slope)).astype(np.float32)
            measured = float((log_scores_of(moved[None])[0] - before) @ weight)
            if step * slope < FLAT and abs(measured) < CLEAR:
                continue
            ratio = measured / (step * slope)
            if 1 / AGREE <= ratio <= AGREE:
                return True
            ratios.append(ratio)
    if not ratios:
        return False
    raise ModelError(
        f"{name}'s gradients do not fit its scores: a step along one changes the weighted sum of log-scores by "
        f"{rounded_to(ratios[0])} times what the gradient says; expected the gradient of sum_k weights[b, k] "
        "log_score_k by the grey levels 0..255."
    )
