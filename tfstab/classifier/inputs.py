"""Checks images against what a model takes, and cuts them into batches."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError

Shape = tuple[int | None, int | None, int]

# Images that are scored at once by default: a CPU's throughput levels off at about this number. Fewer if they are
# large, since their layers take much memory and gain no speed.
DEFAULT_BATCH, DEFAULT_BATCH_BYTES = 256, 32 << 20
# In batches of a multiple of this size, a CPU gives an image the same scores to the bit, whatever the size. With
# other sizes, the last values of an array do not fill a vector register and are computed in another way: networks with
# GroupNormalization, for example, then give other last bits (measured on these, on the bundled networks, and on 84
# networks made at random). Most networks also give the same bits at any place in the batch, but some with a number of
# channels that is not a multiple of 8 do not, such as one with 20 channels before GlobalAveragePooling2D.
STEADY = 8


def check_images(images: np.ndarray, shape: Shape, name: str) -> None:
    """Raise InputError unless these are images (N, H, W, C) of a shape (H, W, C), with finite values.

    name: of the model, for the message.
    """
    if images.ndim != 4 or images.shape[1:] != shape:
        raise misfit(images.shape, shape, name)
    if images.dtype.kind not in "buif":
        raise InputError(f"images of type {images.dtype} were given; expected grey levels 0..255 as numbers.")
    # The sum is quick and is finite only if all values are; all are looked at if it is not, as it may have overflowed.
    if images.dtype.kind == "f" and not np.isfinite(images.sum()) and not np.isfinite(images).all():
        raise InputError("the images hold NaN or infinite values; expected grey levels 0..255.")
    if images.dtype.itemsize > 4 and images.size and np.abs(images).max() > np.finfo(np.float32).max:
        raise InputError("the images hold values beyond float32; expected grey levels 0..255.")


def misfit(given: tuple[int, ...], shape: Shape, name: str) -> InputError:
    """Return the error for images of a shape (N, H, W, C) that a model, which takes (H, W, C), does not take."""
    height, width, channels = shape
    taken = f"(N, {height or 'any'}, {width or 'any'}, {channels})"
    advice = "convert them, or choose another model"
    if len(given) == 4 and not (height and width):
        advice = "make it for their size with for_images or image_shape"
    elif len(given) == 4 and given[1:3] != (height, width):
        resize = "resize them (--resize crop or --resize stretch, in Python resize='crop')"
        advice = f"{resize}, or choose another model"
        if given[1:3] == (width, height):
            advice = (
                "height and width are exchanged, so turn the images if they lie on their sides, or correct the program "
                f"that made them; if they are upright, {resize}"
            )
    elif len(given) == 4 and (given[3], channels) == (3, 1):
        advice = "convert them to grey, or choose a model for colours"
    return InputError(f"images of shape {given} were given, but {name} takes {taken}: {advice}.")


def default_batch(shape: tuple[int | None, ...]) -> int:
    """Return how many images (H, W, C) are scored at once by default; a size is None if it is not known."""
    if None in shape:
        return DEFAULT_BATCH
    return steady(min(DEFAULT_BATCH, max(2, DEFAULT_BATCH_BYTES // (4 * math.prod(shape)))))  # type: ignore[arg-type]


def steady(size: int) -> int:
    """Return a batch size rounded down to a multiple of `STEADY`, or to a power of two if it is smaller."""
    return size // STEADY * STEADY or 1 << (size.bit_length() - 1)


def batches(images: np.ndarray, size: int, *, pad: bool = True) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the start and the images of each batch, float32 (size, H, W, C).

    The last one may have fewer images; with `pad`, it is filled up with black ones, since a compiled model would be
    compiled again for another shape.
    """
    for start in range(0, len(images), size):
        batch = images[start : start + size].astype(np.float32, copy=False)
        yield start, padded(batch, size) if pad else batch


def padded(rows: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return rows (N, ...) with zeros behind them, (size, ...); the rows themselves if they are that many."""
    if len(rows) == size:
        return rows
    filled = np.zeros((size, *rows.shape[1:]), np.float32)
    filled[: len(rows)] = rows
    return filled
