"""Light and weather: a curve maps each grey level to a new one."""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation


def _brightness(x: NDArray[np.float32], shift: float, _rng: np.random.Generator) -> np.ndarray:
    """Shift all grey levels."""
    return x + np.float32(shift)


def _contrast(x: NDArray[np.float32], factor: float, _rng: np.random.Generator) -> np.ndarray:
    """Scale distances from the mean of each channel."""
    mean = x.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    return np.asarray(mean + np.float32(factor) * (x - mean))


def _gamma(x: NDArray[np.float32], exponent: float, _rng: np.random.Generator) -> np.ndarray:
    """Raise grey levels, as shares of 255, to a power."""
    return 255 * (x.astype(np.float64) / 255) ** exponent


def _fog(x: NDArray[np.float32], density: float, _rng: np.random.Generator) -> np.ndarray:
    """Blend with white."""
    return x + np.float32(density / 100) * (255 - x)


FAMILIES = (
    Degradation(
        "brightness", "brightness",
        "makes the image brighter by adding a constant to all grey levels; negative shifts make it darker", _brightness,
        "shift", "grey levels", (20, 40, 60, 80, 100), neutral=0, low=-255, high=255, version="1",
        additive=True, batched="tfstab.degradations.batched.tone:brightness",
    ),
    Degradation(
        "contrast", "contrast",
        "lowers the contrast: scales the distances of grey levels from their channel's mean; factors above 1 raise it",
        _contrast, "factor", "", (0.75, 0.5, 0.4, 0.3, 0.15), neutral=1, low=0, high=100, version="1",
        batched="tfstab.degradations.batched.tone:contrast",
    ),
    Degradation(
        "gamma", "gamma",
        "darkens all tones between black and white: raises grey levels, divided by 255, to the power of the exponent; "
        "exponents below 1 brighten them", _gamma, "exponent", "", (1.5, 2, 3, 4, 6), neutral=1, low=0.01, high=100,
        version="1",
        batched="tfstab.degradations.batched.tone:gamma",
    ),
    Degradation(
        "fog", "fog", "blends the image with white light, the same everywhere (Koschmieder's law)", _fog, "density",
        "%", (20, 40, 55, 70, 80), neutral=0, low=0, high=100, version="1",
        batched="tfstab.degradations.batched.tone:fog",
    ),
)  # fmt: skip
