"""An accuracy-against-sigma curve in one number.

For another degradation than noise, sigma stands for how far a severity is from the one that leaves images as they are.
"""

import numpy as np
from numpy.typing import NDArray


def sigma50(sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float) -> NDArray[np.float64]:
    """The sigma in grey levels at which the accuracy has first fallen to half of the clean accuracy.

    sigmas: (S,), in any order. accuracy: (..., S) at these, clean: (...) at sigma 0; between them the curve is
    linear. Gives float64 (...): infinite where it does not fall so far, NaN where the clean accuracy is 0 or an
    accuracy is NaN.

    >>> from tfstab.metrics import sigma50
    >>> float(sigma50([10, 20, 40], [0.8, 0.6, 0.2], 1.0))
    25.0
    """
    x, y = _curve(sigmas, accuracy, clean)
    level = y[..., :1] / 2
    below = y <= level
    after = below.argmax(axis=-1)[..., None]
    before = np.maximum(after - 1, 0)
    high, low = np.take_along_axis(y, before, -1), np.take_along_axis(y, after, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = (x[before] + (high - level) / (high - low) * (x[after] - x[before]))[..., 0]
    crossing = np.where(below.any(axis=-1), crossing, np.inf)
    return np.where(np.isnan(y).any(axis=-1) | (y[..., 0] == 0), np.nan, crossing)


def area_under_curve(sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float) -> NDArray[np.float64]:
    """The mean accuracy over sigma from 0 to the largest: float64 (...), 0..1, by trapezoids. Arguments as above.

    Curves compare by it only where their largest sigma is the same.

    >>> from tfstab.metrics import area_under_curve
    >>> float(area_under_curve([10, 20], [0.8, 0.4], 1.0))
    0.75
    """
    from scipy.integrate import trapezoid

    x, y = _curve(sigmas, accuracy, clean)
    return np.asarray(trapezoid(y, x, axis=-1) / x[-1])


def _curve(sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """x (S + 1,) from 0 upwards and y (..., S + 1), beginning with the clean accuracy."""
    sigmas, accuracy = np.asarray(sigmas, np.float64), np.asarray(accuracy, np.float64)
    order = np.argsort(sigmas)
    start = np.broadcast_to(np.asarray(clean, np.float64)[..., None], (*accuracy.shape[:-1], 1))
    return np.append(0.0, sigmas[order]), np.concatenate([start, accuracy[..., order]], axis=-1)
