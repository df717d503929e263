"""How the energy of the slopes, their squared lengths, is spread over the coefficients of a basis.

The slopes of classifiers have most of their energy at low frequencies, in brightness more than in colours, and at some
places. How much of it where differs by network and image, so the model learns it from the coefficients measured so far.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from tfstab.search.basis import Basis

BANDS = 2  # frequency bands an octave
STRENGTH = 5.0  # how many measurements the prior counts for in each group
ROUNDS = 4  # of fitting; more change nothing that matters


@functools.lru_cache(maxsize=4)
def energy_model(shape: tuple[int, ...]) -> "EnergyModel":
    """Return the energy model for images of a shape (H, W, C), which all searches share."""
    return EnergyModel(Basis(shape))


class EnergyModel:
    """Predicts a coefficient's energy as prior * factor of its place * factor of its frequency band and colour.

    Parameters
    ----------
    basis : Basis
        The basis, of G coefficients.

    Attributes
    ----------
    basis : Basis
        The basis.
    prior : ndarray
        The relative energies (G,), float64, that are expected before anything is measured.

    References
    ----------
    The factors are fitted to the sums of their groups in turns, like the tables of Deming and Stephan, *On a Least
    Squares Adjustment of a Sampled Frequency Table* (1940), and drawn towards 1 where few coefficients are measured
    (empirical Bayes).
    """

    def __init__(self, basis: Basis) -> None:
        self.basis, self.prior = basis, basis.prior
        band = (BANDS * np.log2(1 + 2 * basis.frequency)).astype(int)
        bands = int(band.max()) + 1
        self._groups = basis.places, bands * basis.shape[2]
        self._group = (basis.place * bands + band) * basis.shape[2] + basis.colour

    def predict(self, energies: np.ndarray, weights: np.ndarray) -> NDArray[np.float64]:
        """Return the expected energies (G,) of all coefficients.

        Parameters
        ----------
        energies : ndarray
            The measured energies (G,), at least 0; any value where nothing is known.
        weights : ndarray
            How much is known of each (G,), 0 to 1: 1 if it was just measured, 0 if it never was.
        """
        measured, expected = self._sums(weights * energies), self._sums(weights * self.prior)
        if measured.sum() <= 0:  # nothing is known yet, or all that was measured is 0
            return self.prior
        scale, counts = measured.sum() / expected.sum(), self._sums(weights)
        expected *= scale
        bands = np.ones(self._groups[1])
        by_place, by_band = (_Groups(measured.sum(axis=axis), counts.sum(axis=axis)) for axis in (1, 0))
        for _ in range(ROUNDS):
            places = by_place.ratios(expected @ bands)
            bands = by_band.ratios(places @ expected)
        factors = scale * places[:, None] * bands
        return np.asarray(self.prior * factors.reshape(-1)[self._group])

    def _sums(self, values: np.ndarray) -> NDArray[np.float64]:
        """Return the sums (places, bands and colours) of values (G,) in each group."""
        places, bands = self._groups
        return np.asarray(np.bincount(self._group, values, places * bands).reshape(self._groups), np.float64)


class _Groups:
    """Groups of coefficients, with their measured energies (g,) and how many measurements these count for (g,)."""

    def __init__(self, measured: np.ndarray, counts: np.ndarray) -> None:
        self._measured, self._known, self._counts = measured, counts > 0, np.maximum(counts, 1e-12)

    def ratios(self, expected: np.ndarray) -> NDArray[np.float64]:
        """Return measured over expected energies (g,), drawn towards 1 as if by STRENGTH more measurements."""
        prior = STRENGTH * np.where(self._known, expected / self._counts, 1.0)
        return np.asarray((self._measured + prior) / (expected + prior))
