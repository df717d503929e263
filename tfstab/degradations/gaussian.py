"""Additive Gaussian noise (paper section 4), defined once and for all.

Every degraded image has a random stream of its own: NumPy's counter-based Philox (Salmon et al. 2011) with the run's
seed as its key and (image, sigma, copy) in its counter. So any image of any run can be made again alone, in any
order and on any machine. tests/degradations holds frozen values of it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation

PAPER_SIGMAS = (1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 18.0, 20.0, 25.0, 30.0, 35.0, 40.0)
# Stands for the position of sigma where one field serves all sigmas; no list of sigmas reaches it.
COMMON = 2**64 - 1


class NoiseStreams:
    """The random streams of one seed, drawn one after the other by one generator. Not to be shared between threads.

    Moving a generator to another stream costs a tenth of making a new one, which costs more than a small image's noise.

    >>> from tfstab.degradations import NoiseStreams, standard_normal
    >>> field = np.empty((2, 3), np.float32)
    >>> NoiseStreams(seed=0).fill(field, image=7, sigma_index=1, copy=4)
    >>> bool((field == standard_normal((2, 3), 0, 7, 1, 4)).all())
    True
    """

    def __init__(self, seed: int) -> None:
        # As uint64, because NumPy would make a list with a number from 2^63 on into floats.
        self._philox = np.random.Philox(key=np.array([seed, 0], np.uint64), counter=np.zeros(4, np.uint64))
        self._generator = np.random.Generator(self._philox)
        self._start = self._philox.state  # nothing drawn: all buffers empty
        self._counter = self._start["state"]["counter"]

    def fill(self, out: NDArray[np.float32], image: int, sigma_index: int, copy: int) -> None:
        """Draw the standard normal field of one degraded image into `out`, contiguous float32 of any shape."""
        self.at(image, sigma_index, copy).standard_normal(dtype=np.float32, out=out)

    def at(self, image: int, severity_index: int, copy: int) -> np.random.Generator:
        """The generator, at the start of one degraded image's stream; good until the next call."""
        # The counter's lowest word counts the blocks drawn; the three others name the stream.
        self._counter[1], self._counter[2], self._counter[3] = copy, severity_index, image
        self._philox.state = self._start
        return self._generator


def standard_normal(
    shape: tuple[int, ...], seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """The standard normal field, float32, of one degraded image: image index, position of sigma, number of the copy.

    sigma_index is COMMON for the field that an image's copy has at all sigmas.

    >>> from tfstab.degradations import standard_normal
    >>> standard_normal((3,), seed=0, image=7, sigma_index=1, copy=4)
    array([-2.1030965 ,  1.1255051 ,  0.13755904], dtype=float32)
    """
    field = np.empty(shape, np.float32)
    NoiseStreams(seed).fill(field, image, sigma_index, copy)
    return field


def add_gaussian_noise(
    clean: np.ndarray, sigma: float, seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """clip(x + r, 0, 255), float32 (H, W, C), for a clean image x in grey levels and r of standard deviation sigma.

    >>> from tfstab.degradations import add_gaussian_noise
    >>> image, clean = int(digits.indices[0]), digits.images[0]
    >>> noisy = add_gaussian_noise(clean, 80, seed=0, image=image, sigma_index=1, copy=3)
    >>> bool((noisy == sweep.degraded_image(image, sigma_index=1, copy=3)).all())
    True
    """
    noise = standard_normal(clean.shape, seed, image, sigma_index, copy)
    return scale_and_add(noise, np.float32(sigma), clean, out=noise)


def scale_and_add(
    field: NDArray[np.float32], sigma: np.ndarray | np.float32, clean: np.ndarray, out: NDArray[np.float32]
) -> NDArray[np.float32]:
    """clip(x + sigma * field, 0, 255) into `out`: float32, each step rounded, as the definition has it.

    field, sigma (float32) and clean (grey levels) are broadcast to the shape of `out`, which may be `field` itself.

    >>> from tfstab.degradations import scale_and_add
    >>> field = np.array([-2, 0, 1], np.float32)
    >>> scale_and_add(field, np.float32(10), np.array([5, 100, 250]), out=np.empty(3, np.float32))
    array([  0., 100., 255.], dtype=float32)
    """
    np.multiply(field, sigma, out=out)
    np.add(out, clean, out=out)
    return np.clip(out, 0, 255, out=out)


def _add_noise(x: NDArray[np.float32], sigma: float, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(x.shape, np.float32)
    return scale_and_add(noise, np.float32(sigma), x, out=noise)


GAUSSIAN_NOISE = Degradation(
    "gaussian_noise", "Gaussian noise", "adds normal noise of this standard deviation (the paper's section 4)",
    _add_noise, "sigma", "grey levels", PAPER_SIGMAS, neutral=0, low=0, high=math.inf, version="1", copies=150,
)  # fmt: skip
