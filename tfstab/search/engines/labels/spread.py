"""How far each coefficient of a slope may lie from 0: a prior for any image, refined by the slope found so far."""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.basis import Basis

STRENGTH = 10.0  # how many known coefficients of a group weigh as much as its prior
LEAST = 1e-3  # of the mean variance, below which no coefficient's falls
ROUNDS = 3  # of fitting the factors


def refined(before: np.ndarray, basis: Basis, slope: np.ndarray, learnt: np.ndarray) -> NDArray[np.float64]:
    """Return variances (G,), with sum 1, that fit the coefficients of a slope (G,).

    The prior is multiplied by a factor of each place, frequency band and colour, such that the squares of the
    coefficients sum up as expected (MacKay, *Bayesian Interpolation*, 1992: as many coefficients are determined as
    variance has been removed). Little-known groups keep their prior.

    Parameters
    ----------
    before : ndarray
        The prior's variances (G,).
    basis : Basis
        Where the coefficients are.
    slope : ndarray
        The expected slope (G,).
    learnt : ndarray
        The share (G,), 0..1, of each coefficient's variance that observations have removed.
    """
    squares = slope.astype(np.float64) ** 2
    if not squares.any():
        return before
    band = np.minimum(2 * np.log2(1 + 2 * basis.frequency), 15).astype(np.int64)
    groups = [basis.place, band, basis.colour]
    factors = [np.ones(group.max() + 1) for group in groups]
    expected = learnt * before * (squares.sum() / (learnt * before).sum())
    for _ in range(ROUNDS):
        for k, group in enumerate(groups):
            others = [factors[j][groups[j]] for j in range(3) if j != k]
            fitted = expected * others[0] * others[1]
            weight = STRENGTH * fitted.sum() / max(float(learnt.sum()), 1.0)
            found = np.bincount(group, squares, len(factors[k])) + weight
            factors[k] = found / (np.bincount(group, fitted, len(factors[k])) + weight)
    variances = before * factors[0][groups[0]] * factors[1][groups[1]] * factors[2][groups[2]]
    variances = np.maximum(variances / variances.mean(), LEAST)
    return np.asarray(variances / variances.sum())
