"""How much a degraded image differs from the clean one: L2 norm and PSNR."""

import numpy as np
from numpy.typing import NDArray


def l2_norm(noise: np.ndarray) -> NDArray[np.float64]:
    """Return the Euclidean norm of each noise.

    Parameters
    ----------
    noise : ndarray, (..., H, W, C)
        Difference between degraded and clean image in grey levels.

    Returns
    -------
    ndarray of float64, (...)
        Norm in grey levels.

    Examples
    --------
    >>> from tfstab.metrics import l2_norm
    >>> float(l2_norm(np.full((2, 2, 1), 3.0)))
    6.0
    """
    return np.sqrt(_sum_of_squares(noise))


def psnr(noise: np.ndarray) -> NDArray[np.float64]:
    """Return the peak signal-to-noise ratio of each noise, 10 log10(255^2 / mean squared noise).

    The values are those of `skimage.metrics.peak_signal_noise_ratio` with data_range=255, for many images at once.

    Parameters
    ----------
    noise : ndarray, (..., H, W, C)
        Difference between degraded and clean image in grey levels.

    Returns
    -------
    ndarray of float64, (...)
        Ratio in dB; infinite if the noise is zero everywhere.

    Examples
    --------
    >>> from tfstab.metrics import psnr
    >>> psnr(np.stack([np.full((2, 2, 1), 25.5), np.zeros((2, 2, 1))])).round(2).tolist()
    [20.0, inf]
    """
    mean = _sum_of_squares(noise) / np.prod(noise.shape[-3:])
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / mean)


def _sum_of_squares(noise: np.ndarray) -> NDArray[np.float64]:
    """Return the sum of squares over the last three axes."""
    flat = np.asarray(noise, np.float64).reshape(*noise.shape[:-3], -1)
    return np.asarray(np.einsum("...i,...i->...", flat, flat))
