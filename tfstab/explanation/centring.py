"""Moving the content of an image to where it usually lies in the images of a run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.explanation.traits import CENTRING, Values, grey_levels, position


def centring(image: NDArray[np.uint8], usual: Values) -> Degradation:
    """Return the change that moves the content of any image to its usual place; the title says how it moves one image.

    It moves by whole pixels, so that nothing is blurred, and repeats the edge where this leaves a gap, as translation
    does. Other images are moved by as much as they need, not by as much as this one, so that the content of all lies
    where it usually does.

    Parameters
    ----------
    image : ndarray of uint8 (H, W, C)
        The image that the title is about.
    usual : ndarray of float64 (2,)
        The usual place, as `position` returns it.

    Examples
    --------
    >>> from tfstab.explanation.centring import centring
    >>> image = np.zeros((5, 5, 1), np.uint8)
    >>> image[3, 1] = 200
    >>> change = centring(image, np.zeros(2))
    >>> change.title, change(image, 100)[..., 0].argmax()
    ('centring (1 pixel right, 1 up)', np.int64(12))
    """

    def moved(x: NDArray[np.float32], percent: float, _rng: np.random.Generator) -> np.ndarray:
        down, right = _shift(x, usual, percent)
        rows, columns = (np.arange(n) - by for n, by in zip(x.shape, (down, right), strict=False))
        return np.asarray(x[rows.clip(0, x.shape[0] - 1)][:, columns.clip(0, x.shape[1] - 1)])

    return Degradation(
        CENTRING, f"centring{_in_words(*_shift(image, usual, 100))}",
        "moves what the image shows to where it usually lies", moved,
        "distance", "% of the way", (100,), neutral=0, low=0, high=100, version="1",
    )  # fmt: skip


def _shift(image: NDArray[Any], usual: Values, percent: float) -> tuple[int, int]:
    """Return by how many pixels an image (H, W, C) is moved down and to the right; none if it shows nothing."""
    down, right = np.nan_to_num((usual - position(grey_levels(image[None]))[0]) * percent / 100)
    return round(float(down)), round(float(right))


def _in_words(down: int, right: int) -> str:
    """Return a shift in brackets: " (1 pixel left, 2 down)"; "" for none."""
    ways = ((right, "right" if right > 0 else "left"), (down, "down" if down > 0 else "up"))
    steps = [(abs(by), way) for by, way in ways if by]
    if not steps:
        return ""
    (first, way), *others = steps
    lead = f"{first} pixel{'s' * (first > 1)} {way}"
    return f" ({', '.join([lead, *(f'{by} {way}' for by, way in others)])})"
