"""Colours of the data: noise around zero, and the kinds of points."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG

STEPS = 255  # odd, so that zero has a colour of its own
_STOPS = np.linspace(0, STEPS - 1, 7)
_BLUE_WHITE_RED = np.array(
    [(5, 48, 97), (50, 122, 183), (168, 206, 228), (247, 247, 247), (247, 185, 153), (205, 82, 71), (103, 0, 31)]
)
_CHANNELS = [np.interp(np.arange(STEPS), _STOPS, _BLUE_WHITE_RED[:, k]) for k in range(3)]
DIVERGING = np.stack(_CHANNELS, axis=1).astype(np.uint8)

Colour = tuple[int, int, int]


class Hatch(Enum):
    """What covers a density besides its colour."""

    NONE = "none"
    OBLIQUE = "oblique lines"
    LEVEL = "level lines"


HATCHES = {CORRECT: Hatch.NONE, WRONG: Hatch.OBLIQUE, CLEAN_WRONG: Hatch.LEVEL}
HATCH_PERIOD = 5  # cells from one line to the next
LIGHT_POINTS: dict[int, Colour] = {CORRECT: (120, 120, 120), WRONG: (205, 20, 30), CLEAN_WRONG: (225, 125, 0)}
DARK_POINTS: dict[int, Colour] = {CORRECT: (165, 165, 165), WRONG: (255, 85, 80), CLEAN_WRONG: (255, 175, 60)}


def diverging(noise: np.ndarray, limit: float) -> NDArray[np.uint8]:
    """Noise (H, W) as colours uint8 (H, W, 3): blue at -limit grey levels, white at 0, red at +limit."""
    middle = STEPS // 2
    place = np.rint(np.clip(noise / limit, -1, 1) * middle).astype(np.int64) + middle
    return DIVERGING[place]


def signed_extreme(noise: np.ndarray) -> NDArray[np.float32]:
    """Noise (H, W, C) as one plane (H, W): at each pixel the channel with the largest magnitude, with its sign."""
    strongest = np.abs(noise).argmax(axis=-1)[..., None]
    return np.take_along_axis(noise, strongest, axis=-1)[..., 0]


def density_image(
    layers: list[tuple[np.ndarray, Colour, Hatch]], shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """Counts (H, W) with a colour each, later ones over earlier ones, as RGBA uint8 (H, W, 4).

    Opacity grows with the logarithm of the count, and one point alone is well visible. Hatches, lines in a darker
    shade, tell layers apart without their colours.
    """
    image = np.zeros((*shape, 4), np.uint8)
    row, column = np.ogrid[: shape[0], : shape[1]]
    lines = {Hatch.OBLIQUE: (row + column) % HATCH_PERIOD == 0, Hatch.LEVEL: (row + 0 * column) % HATCH_PERIOD == 0}
    for counts, colour, hatch in layers:
        there = counts > 0
        image[there, :3] = colour
        image[there, 3] = 140 + 115 * np.log(counts[there]) / max(np.log(counts.max(initial=1)), 1)
        if hatch in lines:
            line = _crowded(there) & lines[hatch]
            image[line, :3] = np.array(colour) // 2
            image[line, 3] = 255
    return image


def _crowded(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where points lie so close that a line can be seen: cells of which three neighbours are taken too."""
    padded = np.pad(there, 1)
    neighbours = [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
    return there & (np.sum(neighbours, axis=0) >= 3)
