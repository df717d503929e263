"""The probes of preset "default": mutants of the parent, from which the sketch of the Jacobian is learnt.

N random directions of G show N/G of a gradient's energy, whatever the gradient. Those of classifiers are unevenly
spread over the coefficients of a block-wise cosine transform, so each probe moves the parent along one coefficient, and
each generation takes the coefficients of which most energy is unknown: what the energy model expects there, times the
share of it that was not measured yet or may have changed since.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.basis import Basis
from tfstab.search.engines.pygad.energy import EnergyModel
from tfstab.search.engines.pygad.sketch import Sketch

PROBES = 45  # mutants of the parent in each generation
PROBE_LENGTH = 10.0  # L2 of a mutation in grey levels; 2 to 30 work equally well
FADE = 0.005  # share of what is known of a slope that each generation makes out of date, as the parent moves on
# Genes for each coefficient of a probe, in large images. Their log-scores are far from linear along few coefficients:
# what a probe of one coefficient says does not hold for a step that is made of many.
GENES = 3500
OWN = 0.5  # weight of a coefficient's own measured energy against what the energy model expects of it


class Probes:
    """Chooses the probes of one image's search.

    Parameters
    ----------
    sketch : Sketch
        The parent, and the Jacobian that is learnt from the probes; G genes.
    shape : tuple of int
        The image's height, width and channels.
    rng : numpy.random.Generator
        Draws the probes' signs.

    Attributes
    ----------
    together : int
        How many coefficients each probe moves along at once.
    unknown : ndarray
        The share (G,), 0 to 1, of each coefficient's slope that is not known.
    """

    def __init__(self, sketch: Sketch, shape: tuple[int, ...], rng: np.random.Generator) -> None:
        self.sketch, self.rng, self.basis = sketch, rng, Basis(shape)
        self.energy = EnergyModel(self.basis)
        self.together = len(sketch.parent) // GENES if sketch.large else 1
        self.unknown = np.ones(len(sketch.parent))
        self.reach = self.basis.share(sketch.free)

    def mutate(self, parents: np.ndarray) -> None:
        """Move each of the parents (B, G) along other coefficients, within the free genes, in random directions."""
        count = len(parents) * self.together
        self.unknown += FADE * (1 - self.unknown)
        picks = choose(self._expected(), count, self.rng)
        self.unknown[picks] *= 1 - 1 / self.together
        lengths = np.where(self.rng.random(count) < 0.5, -PROBE_LENGTH, PROBE_LENGTH).astype(np.float32)
        moves = self._moves(picks, lengths, len(parents))
        if not self.sketch.free.all():
            moves *= self.sketch.free
        parents += moves

    def _moves(self, picks: np.ndarray, lengths: np.ndarray, count: int) -> NDArray[np.float32]:
        """Return moves (count, G) along coefficients (count * together,), shared out at random."""
        if self.together == 1:
            return np.asarray(self.basis.atoms(picks) * lengths[:, None], np.float32)
        coefficients = np.zeros((count, len(self.unknown)), np.float32)
        rows = np.repeat(np.arange(count), self.together)
        coefficients[rows, self.rng.permutation(picks)] = lengths / np.float32(np.sqrt(self.together))
        return self.basis.images(coefficients)

    def _expected(self) -> NDArray[np.float64]:
        """Return the unknown energy (G,) that is expected of each coefficient."""
        gradient = self.sketch.nearest_gradient()
        if not gradient.any():  # nothing measured yet, or all of it forgotten
            self.unknown[:] = 1
            return self.energy.prior * self.reach
        known = 1 - self.unknown
        # A probe of many coefficients shows their sum, of which the sketch gives each an equal part.
        measured = self.basis.coefficients(gradient).astype(np.float64) ** 2 / np.maximum(known, 1 / self.together)
        expected = self.energy.predict(measured, known)
        expected += OWN * known * (measured - expected)
        return np.asarray(self.unknown * expected * self.reach)


def choose(expected: np.ndarray, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the places (count,) of the greatest of `expected` (G,), at least 0; ties are drawn.

    If there are fewer than `count`, they are repeated.
    """
    drawn = expected * (1 + 1e-6 * rng.random(len(expected)))
    if count >= len(drawn):
        return np.resize(np.argsort(-drawn, kind="stable"), count)
    return np.argpartition(-drawn, count)[:count]
