"""Noise: the grey level of each pixel and channel is disturbed independently.

It is drawn with NumPy, as Gaussian noise is, so that grey levels that are not disturbed stay the same to the bit.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import COPIES, Degradation


def _salt_and_pepper(x: NDArray[np.float32], percent: float, rng: np.random.Generator) -> np.ndarray:
    """Set a share of the grey levels to 0 or 255."""
    draw, share = rng.random(x.shape, np.float32), np.float32(percent / 100)
    return np.where(draw < share, np.where(draw < share / 2, np.float32(0), np.float32(255)), x)


def _poisson(x: NDArray[np.float32], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Replace each grey level by a number of photons times the gain."""
    return rng.poisson(x.astype(np.float64) / gain) * gain


def _speckle(x: NDArray[np.float32], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise in proportion to the grey level."""
    return x + x * (np.float32(sigma) * rng.standard_normal(x.shape, np.float32))


def _uniform(x: NDArray[np.float32], width: float, rng: np.random.Generator) -> np.ndarray:
    """Add uniform noise."""
    return x + np.float32(width) * (2 * rng.random(x.shape, np.float32) - 1)


FAMILIES = (
    Degradation(
        "salt_and_pepper", "salt and pepper noise", "sets a share of the grey levels to 0 or 255, half each",
        _salt_and_pepper, "share", "%", (1, 2, 5, 10, 20), neutral=0, low=0, high=100, version="1", copies=COPIES,
        batched="tfstab.degradations.batched.noise:salt_and_pepper",
    ),
    Degradation(
        "poisson", "Poisson noise",
        "adds photon noise (shot noise), as a camera has in weak light: its variance is the gain times the grey level",
        _poisson, "gain", "grey levels a photon", (1, 2, 4, 8, 16), neutral=0, low=1e-3,
        high=255, version="1", copies=COPIES,
        batched="tfstab.degradations.batched.noise:poisson",
    ),
    Degradation(
        "speckle", "speckle noise",
        "adds normal noise in proportion to the grey level: with sigma 0.3, its standard deviation is 30 % of it",
        _speckle, "sigma", "of the grey level", (0.1, 0.2, 0.3, 0.4, 0.6), neutral=0, low=0, high=100,
        version="1", copies=COPIES,
        additive=True, batched="tfstab.degradations.batched.noise:speckle",
    ),
    Degradation(
        "uniform_noise", "uniform noise", "adds noise drawn uniformly from -width to width", _uniform,
        "width", "grey levels", (5, 10, 20, 40, 60), neutral=0, low=0, high=1000, version="1", copies=COPIES,
        additive=True, batched="tfstab.degradations.batched.noise:uniform_noise",
    ),
)  # fmt: skip
