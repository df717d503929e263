"""The nearest point of a linearised decision boundary within grey levels."""

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 40  # of Newton's method, which has been seen to need 12 at most


def project(pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
    """The least r (G,) with gradient . r = -excess and pixels + r within 0..255; as near as it gets where none is.

    pixels: (G,), grey levels of the clean image, in the float type to compute and answer in. By the conditions of
    Karush, Kuhn and Tucker r is clip(-t gradient) for some t >= 0 (as in FAB, Croce and Hein 2020). What gradient . r
    reaches is concave and piecewise linear in t, so Newton's method climbs to the root from below and ends on its
    very piece.
    """
    if excess <= 0:
        return np.zeros_like(pixels)
    low, high = -pixels, 255 - pixels
    descent = -gradient.astype(pixels.dtype, copy=False)
    square, rise, t = descent * descent, float(descent @ descent), 0.0
    reached, r = 0.0, np.zeros_like(pixels)
    for _ in range(MOST_ROUNDS):
        if rise <= 1e-12 * excess or excess - reached <= 1e-6 * excess:
            break
        t += (excess - reached) / rise
        unclipped = t * descent
        np.clip(unclipped, low, high, out=r)
        reached = float(descent @ r)
        rise = float(square @ (unclipped == r))
    return r
