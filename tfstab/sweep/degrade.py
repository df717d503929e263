"""The degraded images of a sweep: one alone, or a batch of them fast, the same to the bit."""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import COMMON, NoiseStreams, add_gaussian_noise, scale_and_add
from tfstab.metrics import psnr
from tfstab.sweep.config import SweepConfig

BLOCK_BYTES = 256 << 10  # noise is scaled, added and measured while it is still in the processor's cache


def degraded_image(
    config: SweepConfig, clean: np.ndarray, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """The very image that a sweep scores, float32 (H, W, C), from the clean one and its index in the full split."""
    field = COMMON if config.common_noise else sigma_index
    return add_gaussian_noise(clean, config.sigmas[sigma_index], config.seed, image, field, copy)


class Degrader:
    """Makes the degraded images of a shard in the order image, copy, sigma. Not to be shared between threads.

    In this order an image's common noise serves all its sigmas without being kept for all its copies.
    images: (N, H, W, C), grey levels. indices: (N,), their places in the full split.
    """

    def __init__(self, config: SweepConfig, images: np.ndarray, indices: np.ndarray) -> None:
        self.config, self.images, self.indices = config, images, indices
        self._streams = NoiseStreams(config.seed)
        self._sigmas = np.array(config.sigmas, np.float32).reshape(-1, *[1] * (images.ndim - 1))
        self._block = max(1, BLOCK_BYTES // (4 * images[0].size))
        self._field = np.empty(images.shape[1:], np.float32)

    def batch(self, start: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (B, H, W, C) degraded images and their PSNR (B,), for places start to stop of the order."""
        out = np.empty((stop - start, *self.images.shape[1:]), np.float32)
        decibels = np.empty(stop - start, np.float32)
        per_image, place = self.config.rows_per_image, start
        while place < stop:
            row, first = divmod(place, per_image)
            last = min(first + self._block, per_image, first + stop - place)
            block = slice(place - start, place - start + last - first)
            clean = self.images[row].astype(np.float32)
            self._degrade(out[block], clean, int(self.indices[row]), first, last)
            decibels[block] = psnr(out[block] - clean)
            place += last - first
        return out, decibels

    def _degrade(self, out: NDArray[np.float32], clean: np.ndarray, image: int, first: int, last: int) -> None:
        """Degrade one image at the places first to last of its own copy, sigma order."""
        count, field = len(self._sigmas), self._field
        places = np.arange(first, last)
        if not self.config.common_noise:
            for row, place in zip(out, places.tolist(), strict=True):
                self._streams.fill(row, image, place % count, place // count)
            scale_and_add(out, self._sigmas[places % count], clean, out=out)
            return
        for copy in range(first // count, -(-last // count)):
            begin, end = max(first, copy * count), min(last, (copy + 1) * count)
            self._streams.fill(field, image, COMMON, copy)
            sigmas = self._sigmas[begin - copy * count : end - copy * count]
            scale_and_add(field, sigmas, clean, out=out[begin - first : end - first])
