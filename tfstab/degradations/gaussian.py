"""Additive Gaussian noise (paper section 4), defined once and for all.

Every degraded image has a random stream of its own: NumPy's counter-based Philox (Salmon et al. 2011) with the run's
seed as its key and (image, sigma, copy) in its counter. So any image of any run can be made again alone, in any
order and on any machine. tests/degradations holds frozen values of it.
"""

import numpy as np
from numpy.typing import NDArray

# Stands for the position of sigma where one field serves all sigmas; no list of sigmas reaches it.
COMMON = 2**64 - 1


class NoiseStreams:
    """The random streams of one seed, drawn one after the other by one generator. Not to be shared between threads.

    Moving a generator to another stream costs a tenth of making a new one, which costs more than a small image's noise.
    """

    def __init__(self, seed: int) -> None:
        # As uint64, because NumPy would make a list with a number from 2^63 on into floats.
        self._philox = np.random.Philox(key=np.array([seed, 0], np.uint64), counter=np.zeros(4, np.uint64))
        self._generator = np.random.Generator(self._philox)
        self._start = self._philox.state  # nothing drawn: all buffers empty
        self._counter = self._start["state"]["counter"]

    def fill(self, out: NDArray[np.float32], image: int, sigma_index: int, copy: int) -> None:
        """Draw the standard normal field of one degraded image into `out`, contiguous float32 of any shape."""
        # The counter's lowest word counts the blocks drawn; the three others name the stream.
        self._counter[1], self._counter[2], self._counter[3] = copy, sigma_index, image
        self._philox.state = self._start
        self._generator.standard_normal(dtype=np.float32, out=out)


def standard_normal(
    shape: tuple[int, ...], seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """The standard normal field, float32, of one degraded image: image index, position of sigma, number of the copy.

    sigma_index is COMMON for the field that an image's copy has at all sigmas.
    """
    field = np.empty(shape, np.float32)
    NoiseStreams(seed).fill(field, image, sigma_index, copy)
    return field


def add_gaussian_noise(
    clean: np.ndarray, sigma: float, seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """clip(x + r, 0, 255), float32 (H, W, C), for a clean image x in grey levels and r of standard deviation sigma."""
    noise = standard_normal(clean.shape, seed, image, sigma_index, copy)
    return scale_and_add(noise, np.float32(sigma), clean, out=noise)


def scale_and_add(
    field: NDArray[np.float32], sigma: np.ndarray | np.float32, clean: np.ndarray, out: NDArray[np.float32]
) -> NDArray[np.float32]:
    """clip(x + sigma * field, 0, 255) into `out`: float32, each step rounded, as the definition has it.

    field, sigma (float32) and clean (grey levels) are broadcast to the shape of `out`, which may be `field` itself.
    """
    np.multiply(field, sigma, out=out)
    np.add(out, clean, out=out)
    return np.clip(out, 0, 255, out=out)
