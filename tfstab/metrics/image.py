"""Distances between a clean image and a degraded one, in grey levels."""

import numpy as np
from numpy.typing import NDArray


def l2_norm(noise: np.ndarray) -> NDArray[np.float64]:
    """Euclidean norm in grey levels of each noise (..., H, W, C): float64 (...).

    >>> from tfstab.metrics import l2_norm
    >>> float(l2_norm(np.full((2, 2, 1), 3.0)))
    6.0
    """
    return np.sqrt(_sum_of_squares(noise))


def psnr(noise: np.ndarray) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / mean squared noise), of each noise (..., H, W, C).

    As skimage.metrics.peak_signal_noise_ratio with data_range=255, for many images at once; infinite for no noise.

    >>> from tfstab.metrics import psnr
    >>> psnr(np.stack([np.full((2, 2, 1), 25.5), np.zeros((2, 2, 1))])).round(2).tolist()
    [20.0, inf]
    """
    mean = _sum_of_squares(noise) / np.prod(noise.shape[-3:])
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / mean)


def _sum_of_squares(noise: np.ndarray) -> NDArray[np.float64]:
    flat = np.asarray(noise, np.float64).reshape(*noise.shape[:-3], -1)
    return np.einsum("...i,...i->...", flat, flat)
