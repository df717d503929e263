"""The nearest point of a linearised decision boundary within grey levels."""

import numpy as np
from numpy.typing import NDArray

# The rounds of doubling and of halving in the search for one number.
DOUBLINGS, HALVINGS = 40, 14


def project(pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.float64]:
    """The least r (G,) with gradient . r = -excess and pixels + r within 0..255; as near as it gets where none is.

    pixels: (G,), grey levels of the clean image. By the conditions of Karush, Kuhn and Tucker it is
    clip(-t gradient) for some t >= 0 (as in FAB, Croce and Hein 2020), and what gradient . r reaches grows with t.
    """
    if excess <= 0:
        return np.zeros(len(pixels))
    low, high = -pixels, 255 - pixels

    r = np.empty(len(pixels))

    def least(t: float) -> NDArray[np.float64]:
        np.multiply(gradient, -t, out=r)
        np.maximum(r, low, out=r)
        return np.minimum(r, high, out=r)

    small, large = 0.0, excess / max(float(gradient @ gradient), 1e-24)
    for _ in range(DOUBLINGS):
        if gradient @ least(large) <= -excess:
            break
        small, large = large, 2 * large
    for _ in range(HALVINGS):
        middle = (small + large) / 2
        small, large = (small, middle) if gradient @ least(middle) <= -excess else (middle, large)
    return least(large)
