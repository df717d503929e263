"""Single numbers that summarise a curve of accuracy against sigma.

For degradations other than noise, "sigma" is the distance of a severity from the neutral one, which leaves images
unchanged.
"""

import numpy as np
from numpy.typing import NDArray


def sigma50(
    sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float, lost: float = 0.5
) -> NDArray[np.float64]:
    """Return the smallest sigma at which the accuracy has fallen to half of the clean accuracy.

    Between the given sigmas the curve is interpolated linearly.

    Parameters
    ----------
    sigmas : ndarray of float, (S,)
        Standard deviations in grey levels, above 0, in any order.
    accuracy : ndarray of float, (..., S)
        Accuracy at each sigma, 0..1.
    clean : ndarray of float, (...), or float
        Accuracy at sigma 0.
    lost : float
        Share of the clean accuracy that is lost at the sigma returned, by default half of it.

    Returns
    -------
    ndarray of float64, (...)
        Sigma in grey levels. It is infinite if the accuracy never falls so far, and NaN if the clean accuracy is 0 or
        if any accuracy is NaN.

    Examples
    --------
    >>> from tfstab.metrics import sigma50
    >>> float(sigma50([10, 20, 40], [0.8, 0.6, 0.2], 1.0))
    25.0
    """
    x, y = _curve(sigmas, accuracy, clean)
    level = y[..., :1] * (1 - lost)
    below = y <= level
    after = below.argmax(axis=-1)[..., None]
    before = np.maximum(after - 1, 0)
    high, low = np.take_along_axis(y, before, -1), np.take_along_axis(y, after, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = (x[before] + (high - level) / (high - low) * (x[after] - x[before]))[..., 0]
    crossing = np.where(below.any(axis=-1), crossing, np.inf)
    return np.where(np.isnan(y).any(axis=-1) | (y[..., 0] == 0), np.nan, crossing)


def area_under_curve(sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float) -> NDArray[np.float64]:
    """Return the mean accuracy between sigma 0 and the largest sigma, by the trapezoidal rule.

    Compare curves by this value only if their largest sigma is the same.

    Parameters
    ----------
    sigmas, accuracy, clean
        See `sigma50`.

    Returns
    -------
    ndarray of float64, (...)
        Mean accuracy, 0..1.

    Examples
    --------
    >>> from tfstab.metrics import area_under_curve
    >>> float(area_under_curve([10, 20], [0.8, 0.4], 1.0))
    0.75
    """
    x, y = _curve(sigmas, accuracy, clean)
    # The trapezoidal rule; that of scipy.integrate takes a third of a second to import, for which opening a run waits.
    area = (np.diff(x) * (y[..., 1:] + y[..., :-1]) / 2.0).sum(axis=-1)
    return np.asarray(area / x[-1])


def _curve(sigmas: np.ndarray, accuracy: np.ndarray, clean: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return the curve sorted by sigma and preceded by the clean accuracy at sigma 0: (S + 1,) and (..., S + 1)."""
    sigmas, accuracy = np.asarray(sigmas, np.float64), np.asarray(accuracy, np.float64)
    order = np.argsort(sigmas)
    start = np.broadcast_to(np.asarray(clean, np.float64)[..., None], (*accuracy.shape[:-1], 1))
    return np.append(0.0, sigmas[order]), np.concatenate([start, accuracy[..., order]], axis=-1)
