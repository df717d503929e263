"""The degraded images of a sweep: one alone, or a batch of them fast, the same to the bit."""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import COMMON, NoiseStreams, scale_and_add
from tfstab.metrics import psnr
from tfstab.sweep.config import SweepConfig

BLOCK_BYTES = 256 << 10  # noise is scaled, added and measured while it is still in the processor's cache


def degraded_image(
    config: SweepConfig, clean: np.ndarray, image: int, severity_index: int, copy: int
) -> NDArray[np.float32]:
    """The very image that a sweep scores, float32 (H, W, C), from the clean one and its index in the full split."""
    stream = NoiseStreams(config.seed).at(image, COMMON if config.common_noise else severity_index, copy)
    return config.degradation.degrade(clean, config.severities[severity_index], stream)


class Degrader:
    """Makes the degraded images of a shard in the order image, copy, severity. Not to be shared between threads.

    images: (N, H, W, C), grey levels. indices: (N,), their places in the full split.
    """

    def __init__(self, config: SweepConfig, images: np.ndarray, indices: np.ndarray) -> None:
        self.config, self.images, self.indices = config, images, indices
        self._streams = NoiseStreams(config.seed)
        self._block = max(1, BLOCK_BYTES // (4 * images[0].size))
        # Kept from batch to batch: new memory costs a visit to the system for each of its pages.
        self._remains = np.empty((self._block, *images.shape[1:]), np.float64)
        self._out = np.empty((0, *images.shape[1:]), np.float32)

    def batch(self, start: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (B, H, W, C) degraded images and their PSNR (B,), for places start to stop of the order.

        The images are good until the next call.
        """
        if len(self._out) < stop - start:
            self._out = np.empty((stop - start, *self.images.shape[1:]), np.float32)
        out = self._out[: stop - start]
        decibels = np.empty(stop - start, np.float32)
        per_image, place = self.config.rows_per_image, start
        while place < stop:
            row, first = divmod(place, per_image)
            last = min(first + self._block, per_image, first + stop - place)
            block = slice(place - start, place - start + last - first)
            clean = self.images[row].astype(np.float32)
            self._degrade(out[block], clean, int(self.indices[row]), first, last)
            remains = self._remains[: last - first]  # of the noise, after clipping
            np.subtract(out[block], clean, out=remains, dtype=np.float32)
            decibels[block] = psnr(remains)
            place += last - first
        return out, decibels

    def _degrade(self, out: NDArray[np.float32], clean: np.ndarray, image: int, first: int, last: int) -> None:
        """Degrade one image at the places first to last of its own copy, severity order."""
        family, severities = self.config.degradation, self.config.severities
        for row, place in zip(out, range(first, last), strict=True):
            copy, index = divmod(place, len(severities))
            row[:] = family.degrade(clean, severities[index], self._streams.at(image, index, copy))


class NoiseDegrader(Degrader):
    """The same for Gaussian noise, faster: fields are drawn in place and scaled and added together.

    In the order image, copy, sigma an image's common noise serves all its sigmas without being kept for all copies.
    """

    def __init__(self, config: SweepConfig, images: np.ndarray, indices: np.ndarray) -> None:
        super().__init__(config, images, indices)
        self._sigmas = np.array(config.sigmas, np.float32).reshape(-1, *[1] * (images.ndim - 1))
        self._fields = np.empty((self._block // len(config.sigmas) + 2, *images.shape[1:]), np.float32)

    def _degrade(self, out: NDArray[np.float32], clean: np.ndarray, image: int, first: int, last: int) -> None:
        count, places = len(self._sigmas), np.arange(first, last)
        if self.config.common_noise:
            copies = np.arange(first // count, -(-last // count))
            for field, copy in zip(self._fields, copies.tolist(), strict=False):
                self._streams.fill(field, image, COMMON, copy)
            # "clip" as "raise" would copy first, to leave `out` as it was.
            np.take(self._fields, places // count - copies[0], axis=0, out=out, mode="clip")
        else:
            for row, place in zip(out, places.tolist(), strict=True):
                self._streams.fill(row, image, place % count, place // count)
        scale_and_add(out, self._sigmas[places % count], clean, out=out)


def degrader(config: SweepConfig, images: np.ndarray, indices: np.ndarray) -> Degrader:
    """The one that fits the degradation."""
    return (NoiseDegrader if config.gaussian else Degrader)(config, images, indices)
