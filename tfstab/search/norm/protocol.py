"""What a search needs to know about the norm that it minimises."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Norm(Protocol):
    """A norm of noise.

    Attributes
    ----------
    name : str
        Its name in settings and files: "l2".
    title : str
        Its name in texts: "L2".
    unit : str
        What it measures noise in: "grey levels" or, if it counts values, "values".
    momentum : float
        Weight of earlier gradients, at least, in the moving average that a walk along the boundary follows.
    straight : bool
        Whether `approach` goes along a straight line.
    """

    name: str
    title: str
    unit: str
    momentum: float
    straight: bool

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the norms (...) of noise (..., G), computed in float64."""

    def quick_length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the norms (...) of noise (..., G), summed in the noise's own precision: for the loops of a search."""

    def slope(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return how much gaps with gradients (..., G) change at most for each unit of the norm: (...).

        It is the dual norm of the gradient. Noise of norm n moves a gap by at most n times the slope.
        """

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

    def approach(
        self, pixels: np.ndarray, noise: np.ndarray, gradient: np.ndarray, excess: np.ndarray, share: float
    ) -> NDArray[np.float64]:
        """Return noise (T, G) on linearised boundaries that is a share of the way from other noise to the shortest.

        Parameters
        ----------
        pixels, noise : ndarray
            The clean image (G,) and the noise (G,) to start from, float64, grey levels.
        gradient : ndarray
            The gradient (G,) of the gap, float64, per grey level.
        excess : ndarray
            By how much the gap of the clean image must fall for each boundary, (T,), float64, in rising order.
        share : float
            The share of the way, 0..1. With 1 the noise is that of `project`.
        """

    def shaken(
        self, noise: np.ndarray, free: np.ndarray, share: float, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Return noise (G,) that is changed at random.

        Parameters
        ----------
        noise : ndarray
            Noise (G,), float64, in grey levels.
        free : ndarray
            Which values (G,) may change, bool.
        share : float
            How much to change, as a share of the norm.
        rng : numpy.random.Generator
            Draws the changes.
        """
