"""Colours of the data: noise around zero, and the kinds of points."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG

STEPS = 255  # odd, so that zero gets its own colour, in the middle
_STOPS = np.linspace(0, STEPS - 1, 7)
_BLUE_WHITE_RED = np.array(
    [(5, 48, 97), (50, 122, 183), (168, 206, 228), (247, 247, 247), (247, 185, 153), (205, 82, 71), (103, 0, 31)]
)
_CHANNELS = [np.interp(np.arange(STEPS), _STOPS, _BLUE_WHITE_RED[:, k]) for k in range(3)]
DIVERGING = np.stack(_CHANNELS, axis=1).astype(np.uint8)

Colour = tuple[int, int, int]


class Hatch(Enum):
    """Line patterns that tell densities apart without colour."""

    NONE = "none"
    OBLIQUE = "oblique lines"
    LEVEL = "horizontal lines"


HATCHES = {CORRECT: Hatch.NONE, WRONG: Hatch.OBLIQUE, CLEAN_WRONG: Hatch.LEVEL}
HATCH_PERIOD = 5  # cells between two lines
LIGHT_POINTS: dict[int, Colour] = {CORRECT: (120, 120, 120), WRONG: (205, 20, 30), CLEAN_WRONG: (225, 125, 0)}
DARK_POINTS: dict[int, Colour] = {CORRECT: (165, 165, 165), WRONG: (255, 85, 80), CLEAN_WRONG: (255, 175, 60)}


def as_levels(image: np.ndarray) -> NDArray[np.uint8]:
    """Return an image (H, W, C) in grey levels as uint8: rounded, and clipped to 0..255."""
    return image if image.dtype == np.uint8 else np.rint(image).clip(0, 255).astype(np.uint8)


def diverging(noise: np.ndarray, limit: float) -> NDArray[np.uint8]:
    """Colour noise: blue for negative, white for zero, red for positive values.

    Parameters
    ----------
    noise : ndarray, shape (H, W)
        Noise in grey levels.
    limit : float
        Magnitude in grey levels that gets full colour; larger values are clipped to it.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
    """
    middle = STEPS // 2
    place = np.rint(np.clip(noise / limit, -1, 1) * middle).astype(np.int64) + middle
    return DIVERGING[place]


def signed_extreme(noise: np.ndarray) -> NDArray[np.float32]:
    """Reduce noise (H, W, C) to one plane (H, W): at each pixel the value of largest magnitude, with its sign."""
    strongest = np.abs(noise).argmax(axis=-1)[..., None]
    return np.take_along_axis(noise, strongest, axis=-1)[..., 0]


def density_image(layers: list[tuple[np.ndarray, Colour, Hatch]], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw point counts as a transparent picture, true to proportion.

    The colour of a cell mixes those of its layers by their shares of its points, so that a few points among many others
    hardly tint it. Opacity grows with the logarithm of the count of all layers, and a single point is clearly visible.
    Hatches, which are lines in a darker shade, tell layers apart without colour; they, too, fade with a layer's share.

    Parameters
    ----------
    layers : list of (counts, colour, hatch)
        counts has shape (H, W).
    shape : tuple of int
        (H, W).

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
        RGBA.
    """
    image = np.zeros((*shape, 4), np.uint8)
    total = np.sum([counts for counts, _, _ in layers], axis=0) if layers else np.zeros(shape, np.int64)
    occupied = total > 0
    row, column = (index.astype(np.int16) for index in np.nonzero(occupied))
    crowded, count = _crowded(occupied)[occupied], total[occupied].astype(np.float32)
    on_line = {Hatch.OBLIQUE: (row + column) % HATCH_PERIOD == 0, Hatch.LEVEL: row % HATCH_PERIOD == 0}
    mixed, lines = np.zeros((len(count), 3), np.float32), np.zeros(len(count), np.float32)
    for counts, colour, hatch in layers:
        share = counts[occupied] / count
        line = crowded & on_line[hatch] if hatch in on_line else np.zeros(len(count), np.bool_)
        mixed += share[:, None] * np.where(line[:, None], np.array(colour) // 2, colour).astype(np.float32)
        lines += share * line
    alpha = np.floor(140 + 115 * np.log(total[occupied]) / max(np.log(total.max(initial=1)), 1))
    image[occupied, :3] = np.rint(mixed)
    image[occupied, 3] = np.rint(alpha + (255 - alpha) * lines)
    return image


def _crowded(occupied: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the cells dense enough for hatching to be visible: those with at least three occupied neighbours."""
    padded = np.pad(occupied, 1)
    neighbours = [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
    return np.asarray(occupied & (np.sum(neighbours, axis=0) >= 3))
