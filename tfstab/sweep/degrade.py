"""Makes the degraded images of a sweep, one alone or fast in batches, with bit-identical results."""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import COMMON, NoiseStreams, scale_and_add
from tfstab.metrics import psnr
from tfstab.sweep.config import SweepConfig

BLOCK_BYTES = 256 << 10  # a block of noise is scaled, added and measured while it is in the processor's cache


def degraded_image(
    config: SweepConfig, clean: np.ndarray, image: int, severity_index: int, copy: int
) -> NDArray[np.float32]:
    """Return the image that a sweep scores, float32 (H, W, C); `image` is the index in the full split."""
    stream = NoiseStreams(config.seed).at(image, COMMON if config.common_noise else severity_index, copy)
    return config.degradation.degrade(clean, config.severities[severity_index], stream)


class Degrader:
    """Makes the degraded images of a shard in the order image, copy, severity. Not to be shared between threads.

    Parameters
    ----------
    config : SweepConfig
        Settings of the sweep.
    images : ndarray
        Clean images (N, H, W, C), in grey levels.
    indices : ndarray
        (N,): their indices in the full split.
    copies : range
        The copies to make of each image.
    """

    def __init__(self, config: SweepConfig, images: np.ndarray, indices: np.ndarray, copies: range) -> None:
        self.config, self.images, self.indices, self.copies = config, images, indices, copies
        self._streams = NoiseStreams(config.seed)
        self._block = max(1, BLOCK_BYTES // (4 * images[0].size))
        # Kept from batch to batch, as the system maps each page of new memory separately.
        self._remains = np.empty((self._block, *images.shape[1:]), np.float64)
        self._out = np.empty((0, *images.shape[1:]), np.float32)

    def batch(self, start: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return degraded images, float32 (B, H, W, C), and their PSNR in dB (B,), from start to stop in the order.

        The images are valid until the next call.
        """
        if len(self._out) < stop - start:
            self._out = np.empty((stop - start, *self.images.shape[1:]), np.float32)
        out = self._out[: stop - start]
        decibels = np.empty(stop - start, np.float32)
        per_image, place = len(self.copies) * len(self.config.severities), start
        while place < stop:
            row, first = divmod(place, per_image)
            last = min(first + self._block, per_image, first + stop - place)
            block = slice(place - start, place - start + last - first)
            clean = self.images[row].astype(np.float32)
            self._degrade(out[block], clean, int(self.indices[row]), first, last)
            remains = self._remains[: last - first]  # the noise that is left after clipping, if there is any
            np.subtract(out[block], clean, out=remains, dtype=np.float32)
            decibels[block] = psnr(remains)
            place += last - first
        return out, decibels

    def _degrade(self, out: NDArray[np.float32], clean: np.ndarray, image: int, first: int, last: int) -> None:
        """Degrade one image, from first to last in its order copy, severity."""
        family, severities = self.config.degradation, self.config.severities
        for row, place in zip(out, range(first, last), strict=True):
            number, index = divmod(place, len(severities))
            row[:] = family.degrade(clean, severities[index], self._streams.at(image, index, self.copies[number]))


class NoiseDegrader(Degrader):
    """A faster Degrader for scalable degradations: fields are drawn in place, then scaled and added in a batch.

    In the order image, copy, severity, one field of common noise serves all severities before the next is drawn.
    """

    def __init__(self, config: SweepConfig, images: np.ndarray, indices: np.ndarray, copies: range) -> None:
        super().__init__(config, images, indices, copies)
        self._severities = np.array(config.severities, np.float32).reshape(-1, *[1] * (images.ndim - 1))
        self._fields = np.empty((self._block // len(config.severities) + 2, *images.shape[1:]), np.float32)

    def _degrade(self, out: NDArray[np.float32], clean: np.ndarray, image: int, first: int, last: int) -> None:
        count, places = len(self._severities), np.arange(first, last)
        if self.config.common_noise:
            numbers = range(first // count, -(-last // count))
            for field, number in zip(self._fields, numbers, strict=False):
                self._streams.fill(field, image, COMMON, self.copies[number])
            # mode="raise" would copy first, so that `out` stays unchanged on an error.
            np.take(self._fields, places // count - numbers[0], axis=0, out=out, mode="clip")
        else:
            for row, place in zip(out, places.tolist(), strict=True):
                self._streams.fill(row, image, place % count, self.copies[place // count])
        scale_and_add(out, self._severities[places % count], clean, out=out, clip=self.config.clip)


def degrader(config: SweepConfig, images: np.ndarray, indices: np.ndarray, copies: range) -> Degrader:
    """Return the fastest Degrader for the degradation."""
    return (NoiseDegrader if config.degradation.scalable else Degrader)(config, images, indices, copies)
