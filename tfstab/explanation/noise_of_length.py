"""White noise in random directions whose L2 after clipping to grey levels 0..255 is given.

On a black background, clipping removes nearly a third of the L2 of white noise, so the noise is scaled up until the
wanted L2 is left.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import NoiseStreams

NEAR = 0.01  # the L2 that is left after clipping may differ by this share from the one that is wanted
SCALINGS = 8  # most attempts to get this near; strong noise on an image of black and white takes the most


def directions(image: int, shape: tuple[int, ...], count: int, start: int = 0) -> NDArray[np.float32]:
    """Return random directions (count, H, W, C) of an image, from number `start` on; always the same ones."""
    fields, streams = np.empty((count, *shape), np.float32), NoiseStreams(0)
    for copy, one in enumerate(fields, start):
        streams.fill(one, image, 0, copy)
    return fields


def noisy(images: NDArray[np.float32], fields: NDArray[np.float32], length: float) -> NDArray[np.float32]:
    """Return images with noise in the directions of fields (N, H, W, C), whose L2 after clipping is `length`.

    If the range of grey levels does not allow so much, they have nearly the strongest noise that it allows.
    """
    found, scale = np.empty_like(fields), length / _lengths(fields)
    for _ in range(SCALINGS):
        np.multiply(fields, scale, out=found)
        found += images
        np.clip(found, 0, 255, out=found)
        left = _lengths(found - images)
        if (np.abs(left - length) <= NEAR * length).all():
            break
        scale *= length / np.maximum(left, length / 4)
    return found


def _lengths(fields: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the L2 of each field (N, H, W, C), with the shape (N, 1, 1, 1)."""
    return np.asarray(np.linalg.norm(fields.reshape(len(fields), -1), axis=1)[:, None, None, None])
