"""Traits in which a picture may look unlike others: brightness, contrast, sharpness, noise, position, no colours."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue, as of ITU-R BT.601
COLOURLESS = 2  # grey levels: a picture with no larger mean difference of its channels has no colours
CENTRING = "centring"  # name of the change that moves the content of a picture to its usual place
PARTS = 4  # along each side of an image, in which its noise is measured
QUIETER = 0.75  # of the parts: noise is everywhere, hard edges such as those of black corners are not
FLAT = 0.5  # grey levels: an image with no larger standard deviation has nothing in it that could be sharp

Values = NDArray[np.float64]


def grey_levels(images: NDArray[np.uint8]) -> Values:
    """Return the grey levels (N, H, W) of images (N, H, W, C)."""
    values = np.asarray(images, np.float64)
    return np.asarray(values[..., 0] if values.shape[-1] == 1 else values @ np.array(LUMA))


def differences(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return by how much the channels of each pixel (N, H, W) of images (N, H, W, C) differ, at most."""
    return np.asarray(np.ptp(images, axis=-1))


@dataclass(frozen=True)
class Trait:
    """One way in which a picture may stand out.

    Attributes
    ----------
    words : str
        How it compares with the other images, as in "is darker than".
    measure : callable
        Returns the figure of each of some images (N, H, W), in what `view` returns of them; NaN if an image has none.
        If it returns a place (N, 2), the distance from the median of the images is the figure that is compared.
    above : bool
        Whether the picture stands out with a higher figure than the others, or with a lower one.
    undone : tuple of (str, bool)
        Degradations that undo this: name, and whether their severities are above the neutral one.
    when : str
        What they make of the picture, as in "right when brighter"; "" if nothing undoes this.
    doing : str
        What they do, as in "ways of making it brighter"; "" if nothing undoes this.
    opposite : str
        How a picture that stands out the other way compares, as in "is sharper than", which is not counted as a fault;
        "" if this is a trait of its own, or if it is not looked at.
    alike : str
        What is done to other images to make them like such a picture, as in "when blurred as much"; "" if nothing is.
    also : str
        A remark on what else raises the figure, such as hard edges; "" for none.
    mistaken : str
        How a picture without this fault may stand out, too, as the end of a sentence; "" if no such case is known.
    view : callable
        Returns one value for each pixel (N, H, W) of images (N, H, W, C): grey levels, or differences of the channels.
    """

    words: str
    measure: Callable[[NDArray[Any]], Values]
    above: bool
    undone: tuple[tuple[str, bool], ...] = ()
    when: str = ""
    doing: str = ""
    opposite: str = ""
    alike: str = ""
    also: str = ""
    mistaken: str = ""
    view: Callable[[NDArray[np.uint8]], NDArray[Any]] = grey_levels


def brightness(grey: Values) -> Values:
    """Return the mean grey level (N,) of images (N, H, W)."""
    return np.asarray(grey.mean(axis=(1, 2)))


def contrast(grey: Values) -> Values:
    """Return the standard deviation divided by the mean (N,) of images (N, H, W): exposure alone does not change it."""
    mean = grey.mean(axis=(1, 2))
    return np.asarray(grey.std(axis=(1, 2)) / np.where(mean > 0, mean, 1))


def sharpness(grey: Values) -> Values:
    """Return how strongly images (N, H, W) vary from pixel to pixel, given their contrast; NaN without any contrast.

    It is the standard deviation of the Laplacian divided by that of the image.
    """
    if min(grey.shape[1:]) < 3:
        return np.full(len(grey), np.nan)
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    deviation = grey.std(axis=(1, 2))
    clear = deviation > FLAT
    return np.where(clear, (4 * inner - around).std(axis=(1, 2)) / np.where(clear, deviation, 1), np.nan)


def noise(grey: Values) -> Values:
    """Return the standard deviation (N,) of the noise in images (N, H, W), estimated as by Immerkaer (1996).

    His mask takes second differences along both axes, so that even areas, edges along rows or columns and less contrast
    add little. Other edges add more, but only in some places. So the image is divided into 4 x 4 parts, and the result
    is the mean over the three quarters of them with the least noise. It is NaN for images of fewer than 3 x 3 pixels.
    """
    if min(grey.shape[1:]) < 3:
        return np.full(len(grey), np.nan)
    left = np.abs(np.diff(np.diff(grey, 2, axis=1), 2, axis=2))  # white noise of sigma 1 makes its sigma 6
    rows, columns = (np.linspace(0, size, min(PARTS, size) + 1).astype(int) for size in left.shape[1:])
    sums = np.add.reduceat(np.add.reduceat(left, rows[:-1], axis=1), columns[:-1], axis=2)
    means = np.sort((sums / np.outer(np.diff(rows), np.diff(columns))).reshape(len(grey), -1), axis=1)
    quieter = means[:, : math.ceil(QUIETER * means.shape[1])]
    return np.asarray(math.sqrt(math.pi / 2) * quieter.mean(axis=1) / 6)


def position(grey: Values) -> Values:
    """Return where the content of images (N, H, W) lies, in rows and columns below and right of the middle, (N, 2).

    This is the centroid of the differences from the median of the border, taken as the background. It is NaN for an
    image without any content.
    """
    height, width = grey.shape[1:]
    border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    content = np.abs(grey - np.median(border, axis=1)[:, None, None])
    whole = content.sum(axis=(1, 2))
    down = content.sum(axis=2) @ (np.arange(height) - (height - 1) / 2)
    right = content.sum(axis=1) @ (np.arange(width) - (width - 1) / 2)
    shown = whole > 0
    return np.where(shown[:, None], np.stack([down, right], axis=1) / np.where(shown, whole, 1)[:, None], np.nan)


def colours(apart: NDArray[Any]) -> Values:
    """Return the mean difference of the channels (N,) of images (N, H, W), but at most `COLOURLESS`.

    So all images that have colours have the same figure: one with faint colours does not stand out, one without does.
    """
    return np.asarray(apart.mean(axis=(1, 2)).clip(max=COLOURLESS))


TRAITS = (
    Trait(
        "is darker than",
        brightness,
        False,
        (("brightness", True), ("gamma", False), ("underexposure", False)),
        "when brighter",
        "making it brighter",
        alike="when darkened as much",
    ),
    Trait(
        "is brighter than",
        brightness,
        True,
        (("brightness", False), ("gamma", True), ("underexposure", True)),
        "when darker",
        "making it darker",
        alike="when brightened as much",
    ),
    Trait(
        "has less contrast for its brightness than",
        contrast,
        False,
        (("contrast", True),),
        "with more contrast",
        "raising its contrast",
        "has more contrast for its brightness than",
        "with as little contrast for their brightness",
    ),
    Trait(
        "is less sharp than",
        sharpness,
        False,
        opposite="is sharper than",
        alike="when blurred as much",
        mistaken="sharpness is measured relative to contrast, so a sharp picture with large even areas may count as "
        "blurred",
    ),
    Trait(
        "is grainier than",
        noise,
        True,
        (("gaussian_blur", True), ("defocus_blur", True)),
        "when blurred",
        "blurring it",
        "is less grainy than",
        "with as much noise",
        also="fine texture and hard edges count as grain, too, such as fur or the black corners of a turned picture",
    ),
    Trait("is farther off-centre than", position, True, ((CENTRING, True),), "when centred", "centring it"),
    Trait("has less colour than", colours, False, alike="without colours", view=differences),
)
