"""Geometry: rotation, translation and scaling about the image's centre, with bilinear interpolation.

Beyond the image, its edge is repeated.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import COPIES, Degradation


def _rotation(x: NDArray[np.float32], degrees: float, _rng: np.random.Generator) -> np.ndarray:
    """Rotate counter-clockwise."""
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    return _warp(x, np.array([[cosine, -sine], [sine, cosine]]))


def _translation(x: NDArray[np.float32], percent: float, rng: np.random.Generator) -> np.ndarray:
    """Shift in a random direction."""
    angle, length = rng.uniform(0, 2 * math.pi), percent / 100 * min(x.shape[:2])
    return _warp(x, np.eye(2), -length * np.array([math.cos(angle), math.sin(angle)]))


def _scaling(x: NDArray[np.float32], factor: float, _rng: np.random.Generator) -> np.ndarray:
    """Shrink or enlarge the contents."""
    return _warp(x, np.eye(2) / factor)


def _warp(
    x: NDArray[np.float32], inverse: np.ndarray, moved: np.ndarray | tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Take each pixel (column, row) of the result from inverse @ (pixel - centre) + centre + moved."""
    from skimage.transform import warp

    centre = (np.array(x.shape[1::-1]) - 1) / 2
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = inverse, centre - inverse @ centre + moved
    return np.asarray(warp(x, matrix, order=1, mode="edge", preserve_range=True, clip=False))


FAMILIES = (
    Degradation(
        "rotation", "rotation",
        "turns the image counter-clockwise, and repeats its edge in the corners; negative angles turn it clockwise",
        _rotation, "angle", "degrees", (5, 10, 20, 30, 45), neutral=0, low=-180, high=180, version="1",
        packages=("scikit-image",), either_way=True,
        batched="tfstab.degradations.batched.geometry:rotation",
    ),
    Degradation(
        "translation", "translation",
        "shifts the image in a random direction, and repeats its edge where this leaves a gap", _translation,
        "distance", "% of the shorter side", (4, 8, 12, 16, 24), neutral=0, low=0, high=100, version="1", copies=COPIES,
        packages=("scikit-image",),
        batched="tfstab.degradations.batched.geometry:translation",
    ),
    Degradation(
        "scaling", "scaling",
        "shrinks what the image shows, and repeats its edge around it; factors above 1 enlarge it",
        _scaling, "factor", "", (0.9, 0.8, 0.7, 0.6, 0.5), neutral=1, low=0.01, high=100, version="1",
        packages=("scikit-image",),
        batched="tfstab.degradations.batched.geometry:scaling",
    ),
)  # fmt: skip
