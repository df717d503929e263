"""Facts about the difference between a clean image and its degraded copy: norms, PSNR and grey levels."""

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise


def decibels(value: float) -> str:
    """Format a PSNR."""
    return f"{value:.2f} dB" if math.isfinite(value) else "infinite (unchanged)"


def norms(noise: np.ndarray) -> tuple[tuple[str, str], ...]:
    """List the L2 and Linf norms of noise (H, W, C) in grey levels."""
    l2 = float(np.linalg.norm(noise.astype(np.float64)))
    return ("L2", f"{l2:.2f}"), ("L2 / 255", f"{l2 / 255:.4f}"), ("Linf", f"{np.abs(noise).max():.2f}")


def beyond_range(degraded: np.ndarray) -> tuple[tuple[str, str], ...]:
    """List the range of grey levels of a degraded image if it leaves 0 to 255, as a picture cannot show it."""
    low, high = float(degraded.min()), float(degraded.max())
    return () if low >= 0 and high <= 255 else (("Grey levels", f"{low:.1f} to {high:.1f}, shown clipped"),)


def eight_bit_norm(result: "MinimumNoise") -> str:
    """Format the norm of the nearest 8-bit image that flips the prediction."""
    # Imported here because the window needs this module, and is not to wait for tfstab.search.
    from tfstab.search.norm import get_norm, sized

    if math.isfinite(result.size_uint8):
        return sized(get_norm(result.norm), result.size_uint8, ".2f")
    return "none found that flips the prediction" if result.found else "–"
