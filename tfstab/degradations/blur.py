"""Blur: each pixel becomes a weighted mean of its neighbourhood. Beyond the image, its edge is repeated."""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import COPIES, Degradation

LARGEST = 100.0  # pixels


def _gaussian_blur(x: NDArray[np.float32], sigma: float, _rng: np.random.Generator) -> np.ndarray:
    """Blur with a Gaussian."""
    from skimage.filters import gaussian

    return np.asarray(gaussian(x, sigma, mode="nearest", preserve_range=True, channel_axis=-1))


def _motion_blur(x: NDArray[np.float32], length: float, rng: np.random.Generator) -> np.ndarray:
    """Blur along a line of random direction."""
    return _convolve(x, line(length, float(rng.uniform(0, math.pi))))


def _defocus_blur(x: NDArray[np.float32], radius: float, _rng: np.random.Generator) -> np.ndarray:
    """Blur with a disk."""
    return _convolve(x, disk(radius))


def line(length: float, angle: float) -> NDArray[np.float64]:
    """Return a kernel of sum 1: a centred line of this length in pixels, at this angle in radians."""
    reach = math.ceil(length / 2)
    places = np.linspace(-length / 2, length / 2, 4 * math.ceil(length) + 1)
    kernel = np.zeros((2 * reach + 2, 2 * reach + 2))
    rows, columns = reach + places * math.sin(angle), reach + places * math.cos(angle)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - top, columns - left
    for row, weight in ((0, 1 - down), (1, down)):  # each point is divided among the four pixels around it
        np.add.at(kernel, (top + row, left), weight * (1 - right))
        np.add.at(kernel, (top + row, left + 1), weight * right)
    return kernel[:-1, :-1] / len(places)


def disk(radius: float) -> NDArray[np.float64]:
    """Return a kernel of sum 1: a disk of this radius in pixels; pixels on its rim have the share that it covers."""
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(kernel / kernel.sum())


def _convolve(x: NDArray[np.float32], kernel: NDArray[np.float64]) -> np.ndarray:
    """Convolve each channel with a kernel."""
    from scipy.ndimage import convolve

    return np.asarray(convolve(x, kernel[..., None], mode="nearest"))


FAMILIES = (
    Degradation(
        "gaussian_blur", "Gaussian blur", "gives each pixel the mean of its neighbourhood, weighted by a Gaussian",
        _gaussian_blur, "sigma", "pixels", (0.5, 1, 1.5, 2, 3), neutral=0, low=0, high=LARGEST, version="1",
        packages=("scikit-image", "scipy"),
        batched="tfstab.degradations.batched.blur:gaussian_blur",
    ),
    Degradation(
        "motion_blur", "motion blur", "smears the image along a line in a random direction, as a moving camera does",
        _motion_blur, "length", "pixels", (2, 4, 6, 8, 10), neutral=0, low=0, high=LARGEST, version="1", copies=COPIES,
        packages=("scipy",),
        batched="tfstab.degradations.batched.blur:motion_blur",
    ),
    Degradation(
        "defocus_blur", "defocus blur", "spreads each pixel evenly over a disk, as a lens out of focus does",
        _defocus_blur, "radius", "pixels", (1, 1.5, 2, 3, 4), neutral=0, low=0, high=LARGEST, version="1",
        packages=("scipy",), batched="tfstab.degradations.batched.blur:defocus_blur",
    ),
)  # fmt: skip
