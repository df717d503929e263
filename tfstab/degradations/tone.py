"""Light and weather: a curve maps each grey level to a new one."""

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation


def _brightness(x: NDArray[np.float32], shift: float, _rng: np.random.Generator) -> np.ndarray:
    """Shift all grey levels."""
    return x + np.float32(shift)


def _underexposure(x: NDArray[np.float32], stops: float, _rng: np.random.Generator) -> np.ndarray:
    """Halve the light at each stop: decode grey levels to linear light, divide it, encode it again.

    Negative stops double it, which undoes this.

    The transfer function is that of sRGB (IEC 61966-2-1). Nothing is drawn, so this is the picture of a camera without
    noise. A real one is noisier in weak light: `chain(image, [("underexposure", 3), ("poisson", 4)])` adds this.
    """
    encoded = x.astype(np.float64) / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4) * 0.5**stops
    return np.asarray(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


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
        "makes the image brighter by adding a constant to all grey levels; negative shifts make it darker, but too "
        "little light is underexposure", _brightness,
        "shift", "grey levels", (20, 40, 60, 80, 100), neutral=0, low=-255, high=255, version="1",
        additive=True, batched="tfstab.degradations.batched.tone:brightness",
    ),
    Degradation(
        "underexposure", "underexposure",
        "makes the image darker, as weak light or a short exposure does: each stop halves the light (in linear light, "
        "by the transfer function of sRGB, IEC 61966-2-1), and negative stops double it; adds no noise", _underexposure,
        "stops", "", (1, 2, 3, 4, 5), neutral=0, low=-100, high=100, version="1",
        batched="tfstab.degradations.batched.tone:underexposure",
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
        "exponents below 1 brighten them; too little light is simulated by underexposure, and its noise by Poisson "
        "noise",
        _gamma, "exponent", "", (1.5, 2, 3, 4, 6), neutral=1, low=0.01, high=100, version="1",
        batched="tfstab.degradations.batched.tone:gamma",
    ),
    Degradation(
        "fog", "fog",
        "blends the image with white light, the same everywhere (Koschmieder's law, applied to the stored grey levels "
        "rather than to linear light)",
        _fog, "density", "%", (20, 40, 55, 70, 80), neutral=0, low=0, high=100, version="1",
        batched="tfstab.degradations.batched.tone:fog",
    ),
)  # fmt: skip
