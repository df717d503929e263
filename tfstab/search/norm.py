"""The norm that a search minimises: how long noise is, and the shortest noise that reaches a linearised boundary."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 40  # of Newton's method, which has never needed more than 12


class Norm(Protocol):
    """A norm of noise, in grey levels."""

    name: str

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the norms (...) of noise (..., G), computed in float64."""

    def quick_length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the norms (...) of noise (..., G), summed in the noise's own precision: for the loops of a search."""

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return the shortest noise (G,) that reaches a linearised decision boundary within grey levels.

        Parameters
        ----------
        pixels : ndarray
            The clean image (G,), grey levels, in the floating-point type to compute in.
        gradient : ndarray
            The gradient (G,) of the gap, per grey level.
        excess : float
            By how much the gap must fall: the noise r has gradient . r = -excess, or comes as near as it can.
        """


class L2:
    """The Euclidean norm ||r||_2 of the paper."""

    name = "l2"

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the Euclidean norms (...) of noise (..., G)."""
        return np.asarray(np.linalg.norm(noise.astype(np.float64), axis=None if noise.ndim == 1 else -1))

    def quick_length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the Euclidean norms (...) of noise (..., G), summed in its own precision."""
        return np.asarray(np.sqrt(np.einsum("...g,...g->...", noise, noise), dtype=np.float64))

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return the shortest r (G,) with gradient . r = -excess and pixels + r within 0..255.

        By the conditions of Karush, Kuhn and Tucker r is clip(-t gradient) for some t >= 0 (as in FAB, Croce and Hein
        2020). What gradient . r reaches is concave and piecewise linear in t, so Newton's method climbs to the root
        from below and ends on exactly the piece that holds it.
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
