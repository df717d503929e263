"""Frequencies of images: the real Fourier basis, rings of equal width, and how an image's energy spreads over them.

A frequency is a pair of whole numbers, cycles per image down and across. Its radius is in units of the Nyquist
frequency, half a cycle per pixel, beyond which pixels show no finer stripes; corners of the spectrum reach 1.41.
"""

import numpy as np
from numpy.typing import NDArray

WIDTH = 0.1  # of a ring, in units of the Nyquist frequency: images of 28 pixels have at least one frequency in each
RINGS = 15  # up to the corners


def radii(height: int, width: int) -> NDArray[np.float64]:
    """Return the radius (H, W) of each frequency, in the order of NumPy's FFT."""
    return np.asarray(2 * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)))


def radii_of(frequencies: NDArray[np.int64], height: int, width: int) -> NDArray[np.float64]:
    """Return the radius (F,) of each of the frequencies (F, 2)."""
    return radii(height, width)[frequencies[:, 0] % height, frequencies[:, 1] % width]


def ring_of(radius: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the ring, 0 to RINGS - 1, of each radius."""
    return np.floor(radius / WIDTH + 1e-9).astype(np.int64)  # a radius on an edge belongs to the ring outside of it


def half_plane(height: int, width: int) -> NDArray[np.int64]:
    """Return one frequency (F, 2) of each pair i, j and -i, -j, which have the same basis matrices."""
    down, across = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    own, partner = down * width + across, (-down % height) * width + (-across % width)
    kept = own <= partner
    chosen = np.stack([down[kept], across[kept]], axis=1)
    return np.where(2 * chosen > (height, width), chosen - (height, width), chosen)


def alone(frequencies: NDArray[np.int64], height: int, width: int) -> NDArray[np.bool_]:
    """Return whether each of the frequencies (F, 2) is its own partner: constant, or at the Nyquist frequency."""
    return np.asarray((2 * frequencies % (height, width) == 0).all(axis=1))


def waves(frequencies: NDArray[np.int64], phases: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Return real basis matrices (..., H, W) of unit L2 norm.

    Each has one frequency and its partner only. With the phases 0 and -pi/2 of every frequency that is not alone, and 0
    of the others, they are an orthonormal basis of all images: its cosines and sines.

    Parameters
    ----------
    frequencies : ndarray of int (F, 2)
        Cycles per image down and across.
    phases : ndarray of float (..., F)
        Phases, which do not count for a frequency that is alone.
    height, width : int
        Size of the matrices.
    """
    single = alone(frequencies, height, width)
    down = 2 * np.pi / height * np.outer(frequencies[:, 0], np.arange(height))
    across = 2 * np.pi / width * np.outer(frequencies[:, 1], np.arange(width))
    shifted = down + np.where(single, 0, phases)[..., None]
    # cos(a + b) of a column and a row: far faster than a cosine of each pixel
    matrices = np.cos(shifted)[..., :, None] * np.cos(across)[:, None, :]
    matrices -= np.sin(shifted)[..., :, None] * np.sin(across)[:, None, :]
    return np.asarray(matrices * np.sqrt(np.where(single, 1, 2) / (height * width))[:, None, None])


def energy(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the energy (n, H, W) of images (n, H, W, C) at each frequency, summed over channels.

    Its sum over frequencies is the image's sum of squares (Parseval).
    """
    spectra = np.fft.fft2(images, axes=(1, 2), norm="ortho")
    return np.asarray((np.abs(spectra) ** 2).sum(axis=3))


def by_ring(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the sums (n, RINGS) over rings of values (n, H, W) of each frequency."""
    count, height, width = values.shape
    member = ring_of(radii(height, width)).ravel()[:, None] == np.arange(RINGS)
    return np.asarray(values.reshape(count, -1) @ member.astype(np.float64))


def shares(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return values (n, ...) divided by the sum of each row; NaN where that is 0."""
    totals = values.reshape(len(values), -1).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values / np.where(totals > 0, totals, np.nan).reshape(-1, *[1] * (values.ndim - 1)))


def median_radius(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the radius (n,) below which half of each row's energy (n, H, W) lies; NaN for a row without energy."""
    count, height, width = values.shape
    radius = radii(height, width).ravel()
    order = np.argsort(radius, kind="stable")
    below = np.cumsum(shares(values).reshape(count, -1)[:, order], axis=1)
    median = radius[order][np.argmax(below >= 0.5 - 1e-12, axis=1)]
    return np.asarray(np.where(np.isfinite(below[:, -1]), median, np.nan))


def white(height: int, width: int) -> NDArray[np.float64]:
    """Return the share (RINGS,) of white noise's energy in each ring: that of the frequencies in it."""
    [share] = by_ring(np.full((1, height, width), 1 / (height * width)))
    return np.asarray(share)


def white_median(height: int, width: int) -> float:
    """Return the radius below which half of white noise's energy lies: about 0.8."""
    return float(median_radius(np.ones((1, height, width)))[0])
