"""Additive Gaussian noise (paper section 4), defined once and for all.

Every degraded image has a random stream of its own: NumPy's counter-based Philox (Salmon et al. 2011) with the run's
seed as its key and (image, sigma, copy) in its counter. So any image of any run can be made again alone, in any
order and on any machine. tests/degradations holds frozen values of it.
"""

import numpy as np
from numpy.typing import NDArray


def standard_normal(
    shape: tuple[int, ...], seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """The standard normal field, float32, of one degraded image: image index, position of sigma, number of the copy."""
    # The counter's lowest word counts the blocks drawn; the three others name the stream. As uint64, because NumPy
    # would make a list with a number from 2^63 on into floats.
    key, counter = np.array([seed, 0], np.uint64), np.array([0, copy, sigma_index, image], np.uint64)
    stream = np.random.Philox(key=key, counter=counter)
    return np.random.Generator(stream).standard_normal(shape, dtype=np.float32)


def add_gaussian_noise(
    clean: np.ndarray, sigma: float, seed: int, image: int, sigma_index: int, copy: int
) -> NDArray[np.float32]:
    """clip(x + r, 0, 255), float32 (H, W, C), for a clean image x in grey levels and r of standard deviation sigma."""
    noise = standard_normal(clean.shape, seed, image, sigma_index, copy)
    noise *= np.float32(sigma)
    noise += clean
    return np.clip(noise, 0, 255, out=noise)
