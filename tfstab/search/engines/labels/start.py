"""Noise from which walks start: the clean image mirrored, turned or partly painted over, or random noise.

A boundary has several parts, and the walk stays on that on which it starts: so walks start in several ways.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engines.labels.image import Asking, Image

PARTS = 4  # of which one is painted over, along each axis
DRAWN = 8  # random noises at each length
GROWTH = 1.6  # of their length, until one of them flips
ROUGH = 0.1  # share of the noise to which it is shortened
NEAR = 1.3  # largest norm from which a walk starts, in relation to the smallest
SMALLER = 0.85  # norm at which a further noise of the same kind is tried, as a share of the least that flips


def find_starts(image: Image) -> Asking[list[NDArray[np.float32]]]:
    """Return noise (G,) that flips, of each kind the smallest, without what is much larger than another kind's."""
    found = yield from _of_each_kind(image)
    norms = [float(image.norm.length(noise)) for noise in found]
    return [noise for noise, norm in zip(found, norms, strict=True) if norm <= NEAR * min(norms)]


def _of_each_kind(image: Image) -> Asking[list[NDArray[np.float32]]]:
    """Return noise (G,) that flips, of each kind the smallest."""
    found = []
    for noise in (turned(image.clean), painted(image.clean)):
        if len(noise):
            best = yield from _smallest(image, image.clipped(noise))
            if best is not None:
                found.append(best)
    least, most = (float(image.norm.length(np.full(len(image.pixels), level))) for level in (2.0, 500.0))
    length, flipped = least, np.zeros(0, bool)
    while not flipped.any():
        if found and length > min(float(image.norm.length(noise)) for noise in found):
            return found
        noise = image.of_norm(np.stack([_drawn(image, k) for k in range(DRAWN)]), length)
        noise, flipped = yield from image.ask(noise)
        length = length * GROWTH if length < most else least
    best = yield from image.shortened(noise[flipped.argmax()], ROUGH, ROUGH)
    return [*found, best]


def _smallest(image: Image, noise: np.ndarray) -> Asking[NDArray[np.float32] | None]:
    """Return the noise (G,) among some (B, G) that flips at the smallest norm; None if none flips."""
    _, flipped = yield from image.ask(noise)
    best: NDArray[np.float32] | None = None
    for one in noise[flipped][np.argsort(image.norm.length(noise[flipped]))]:
        if best is not None:
            norm = SMALLER * float(image.norm.length(best))
            if norm > float(image.norm.length(one)) or not (yield from image.flips(image.of_norm(one, norm))):
                continue
            best = yield from image.shortened(image.of_norm(one, norm), ROUGH, ROUGH)
        else:
            best = yield from image.shortened(one, ROUGH, ROUGH)
    return best


def turned(clean: np.ndarray) -> NDArray[np.float32]:
    """Return noise (B, G) that mirrors, turns or inverts an image (H, W, C), uint8, or makes it grey.

    Noise that would change nothing is left out.
    """
    height, width, _ = clean.shape
    images = [clean[::-1], clean[:, ::-1], clean[::-1, ::-1], 255 - clean, np.full_like(clean, 128)]
    if height == width:
        images += [clean.swapaxes(0, 1), np.rot90(clean), np.rot90(clean, 3)]
    return _changes(clean, images)


def painted(clean: np.ndarray) -> NDArray[np.float32]:
    """Return noise (B, G) that paints over a block, a row or a column of an image (H, W, C), uint8.

    A dark part becomes white, a bright one black. The last part is the whole image.
    """
    height, width, _ = clean.shape
    rows, columns = (np.array_split(np.arange(size), min(PARTS, size)) for size in (height, width))
    images = []
    for part in [np.ix_(r, c) for r in [*rows, np.arange(height)] for c in [*columns, np.arange(width)]]:
        image = clean.copy()
        image[part] = 255 if clean[part].mean() < 128 else 0
        images.append(image)
    return _changes(clean, images)


def _changes(clean: np.ndarray, images: list[np.ndarray]) -> NDArray[np.float32]:
    """Return the differences (B, G) between other images and the clean one; images equal to it are left out."""
    noise = np.stack(images).astype(np.float32).reshape(len(images), -1) - clean.reshape(-1)
    return np.asarray(noise[noise.any(axis=1)])


def _drawn(image: Image, k: int) -> NDArray[np.float32]:
    """Return random noise (G,) with the spectrum of slopes, every second time its signs alone."""
    normal = image.rng.standard_normal(len(image.pixels))
    noise = image.basis.images((normal * np.sqrt(image.prior)).astype(np.float32))
    return np.asarray(np.sign(noise) if k % 2 else noise)
