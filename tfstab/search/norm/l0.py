"""The norm L0, which counts the values that change; a pixel has one value for each colour channel."""

import numpy as np
from numpy.typing import NDArray


class L0:
    """The number of values that change, each by any amount.

    A value contributes most at the limit, 0 or 255, against its slope. So the shortest noise that reaches a linearised
    boundary moves the values that contribute most to their limits.
    """

    name, title, unit, momentum, straight = "l0", "L0", "values", 0.0, False

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return how many values of noise (..., G) are not 0: (...)."""
        return np.asarray(np.count_nonzero(noise, axis=-1), np.float64)

    quick_length = length

    def slope(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return how much gaps with gradients (..., G) change at most with one value: (...)."""
        return np.asarray(255 * np.abs(gradient).max(axis=-1), np.float64)

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return an r (G,) of the fewest values with gradient . r <= -excess and pixels + r within 0..255."""
        if excess <= 0:
            return np.zeros_like(pixels)
        limits = to_limits(pixels, gradient)
        contributions = -gradient * limits
        order = (-contributions).argsort(kind="stable")
        count = int(np.searchsorted(np.cumsum(contributions[order]), excess)) + 1
        r = np.zeros_like(pixels)
        r[order[:count]] = limits[order[:count]]
        return r

    def approach(
        self, pixels: np.ndarray, noise: np.ndarray, gradient: np.ndarray, excess: np.ndarray, share: float
    ) -> NDArray[np.float64]:
        """Return the shortest noise itself, because none lies on the way from one choice of values to another."""
        return np.stack([self.project(pixels, gradient, float(fall)) for fall in excess])

    def shaken(
        self, noise: np.ndarray, free: np.ndarray, share: float, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Return noise (G,) of which each value is kept with a probability of 1 / (1 + share)."""
        return np.asarray(np.where(rng.random(len(noise)) * (1 + share) < 1, noise, 0.0))


def to_limits(pixels: np.ndarray, gradient: np.ndarray) -> NDArray[np.float64]:
    """Return the noise (G,) that moves every value against its slope to its limit, 0 or 255."""
    return np.where(gradient > 0, -pixels, np.where(gradient < 0, 255 - pixels, 0)).astype(np.float64)
