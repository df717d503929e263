"""Effects of files and screens: compression and coarse pixels."""

import io

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation
from tfstab.errors import InputError


def _jpeg(x: NDArray[np.float32], quality: float, _rng: np.random.Generator) -> np.ndarray:
    """Compress as JPEG and read again."""
    from PIL import Image

    if x.shape[-1] not in (1, 3):
        raise InputError(f"JPEG takes grey or RGB images, of 1 or 3 channels; these have {x.shape[-1]}.")
    pixels, file = np.rint(x).astype(np.uint8), io.BytesIO()
    # Subsampling is given, so that it does not depend on Pillow's default.
    image = Image.fromarray(pixels[..., 0] if x.shape[-1] == 1 else pixels)
    image.save(file, "JPEG", quality=int(quality), subsampling="4:2:0")
    return np.asarray(Image.open(file), np.float32).reshape(x.shape)


def _pixelate(x: NDArray[np.float32], block: float, _rng: np.random.Generator) -> np.ndarray:
    """Replace each block of pixels by its mean."""
    size, (height, width) = int(block), x.shape[:2]
    rows, columns = np.arange(0, height, size), np.arange(0, width, size)
    sums = np.add.reduceat(np.add.reduceat(x.astype(np.float64), rows, axis=0), columns, axis=1)
    heights, widths = np.diff(np.append(rows, height)), np.diff(np.append(columns, width))
    means = sums / (heights[:, None] * widths)[..., None]
    return np.asarray(means.repeat(heights, axis=0).repeat(widths, axis=1))


FAMILIES = (
    Degradation(
        "jpeg", "JPEG compression",
        "saves the image as a JPEG file of this quality and reads it again (Pillow, colours 4:2:0)", _jpeg, "quality",
        "", (90, 70, 50, 30, 10), neutral=100, low=1, high=99, version="1", whole=True,
        packages=("pillow",),
        batched="tfstab.degradations.batched.digital:jpeg",
    ),
    Degradation(
        "pixelate", "pixelation", "gives all pixels of a square block their mean", _pixelate, "block",
        "pixels", (2, 3, 4, 6, 8), neutral=1, low=2, high=10_000, version="1", whole=True,
        batched="tfstab.degradations.batched.digital:pixelate",
    ),
)  # fmt: skip
