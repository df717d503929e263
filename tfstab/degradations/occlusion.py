"""Occlusion: part of the image is covered."""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import COPIES, Degradation

GREY = np.float32(127.5)  # as Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014


def _occlusion(x: NDArray[np.float32], percent: float, rng: np.random.Generator) -> np.ndarray:
    """Cover a rectangle at a random position."""
    side = math.sqrt(percent / 100)
    corner = []
    for length in x.shape[:2]:
        covered = round(side * length)
        start = int(rng.random() * (length - covered + 1))
        corner.append(slice(start, start + covered))
    x[tuple(corner)] = GREY
    return x


FAMILIES = (
    Degradation(
        "occlusion", "occlusion",
        "covers a share of the area with a grey rectangle of the image's proportions, at a random place", _occlusion,
        "share", "%", (4, 9, 16, 25, 36), neutral=0, low=0, high=100, version="1", copies=COPIES,
        batched="tfstab.degradations.batched.occlusion:occlusion",
    ),
)  # fmt: skip
