"""The probes of preset "default": mutants of the parent, from which the sketch of the Jacobian is learnt.

N random directions of G show N/G of a gradient's energy, whatever the gradient. Those of classifiers are unevenly
spread over the coefficients of a block-wise cosine transform, so each probe moves the parent along one coefficient, and
each generation takes the coefficients of which most energy is unknown: what the energy model expects there, times the
share of it that was not measured yet or is out of date. As the parent moves on, what was measured goes out of date. How
fast is measured too: by how much slopes have changed since when they are measured again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engines.pygad.energy import energy_model
from tfstab.search.engines.pygad.sketch import Sketch
from tfstab.search.engines.pygad.strategy import clip

PROBES = 45  # mutants of the parent in each generation
# L2 of a mutation in grey levels. Log-scores bend more along few coefficients than along random signs of all pixels: a
# length of 10 costs 2 per cent of ||r|| after 5,000 queries.
PROBE_LENGTH = 3.0
OWN = 0.5  # weight of a coefficient's own measured energy against what the energy model expects of it
FADE = 0.1  # share of the known energy that a generation makes out of date, before any of it was measured again
LARGE_FADE = 0.005  # that share in large images, where nothing is measured again
FADES = (1e-4, 0.3)  # limits of that share
AGAIN = 0.7  # a coefficient of which less is unknown counts as measured again
DOUBT = 5.0  # how many measurements the last estimate of that share counts for in a generation

# A mutation's length in large images, in grey levels per root of the number of genes. The slopes of short mutations
# would be more exact at the parent, but less so as far away as the steps go.
LARGE_LENGTH = 0.4
# Genes for each coefficient of a probe, in large images. Their log-scores are far from linear along few coefficients:
# what a probe of one coefficient says does not hold for a step that is made of many.
GENES = 3500


@dataclass(frozen=True, eq=False)
class Generation:
    """The probes (B,) of a generation: what was expected of them.

    Attributes
    ----------
    rival : int
        The gap that counts, of k-1.
    gradient : ndarray
        Its gradient (G,) as estimated before these probes.
    unknown : ndarray
        The share (B,) of each probe's slope that was not known.
    energies : ndarray
        The expected energies (B,) of their coefficients.
    """

    rival: int
    gradient: NDArray[np.floating]
    unknown: NDArray[np.float64]
    energies: NDArray[np.float64]


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
    length : float
        The L2 of a probe's move, in grey levels.
    unknown : ndarray
        The share (G,), 0 to 1, of each coefficient's slope that is not known.
    fade : float
        The share of what is known that a generation makes out of date.
    """

    def __init__(self, sketch: Sketch, shape: tuple[int, ...], rng: np.random.Generator) -> None:
        self.sketch, self.rng, self.energy = sketch, rng, energy_model(shape)
        self.basis = self.energy.basis
        self.together = len(sketch.parent) // GENES if sketch.large else 1
        self.length = LARGE_LENGTH * np.sqrt(len(sketch.parent)) if sketch.large else PROBE_LENGTH
        self.unknown, self.fade = np.ones(len(sketch.parent)), LARGE_FADE if sketch.large else FADE
        self._reach = self.basis.share(sketch.free)
        self._last: Generation | None = None

    def mutate(self, offspring: np.ndarray) -> None:
        """Fill in offspring (B, G): the parent, moved along other coefficients within free genes and grey levels."""
        count = len(offspring) * self.together
        rival, gradient = self.sketch.nearest()
        if gradient.any():
            self.unknown += self.fade * (1 - self.unknown)
            energies = self._expected(gradient)
        else:  # nothing measured yet, or all of it forgotten
            self.unknown[:], energies = 1, self.energy.prior
        reached = energies * self._reach
        worth = self.unknown * reached if self.sketch.large else benefits(self.unknown, reached)
        picks = choose(worth, count, self.rng)
        self._last = None if self.sketch.large else Generation(rival, gradient, self.unknown[picks], energies[picks])
        self.unknown[picks] *= 1 - 1 / self.together
        lengths = np.where(self.rng.random(count) < 0.5, -self.length, self.length).astype(np.float32)
        if self.together == 1:
            self._step(offspring, picks, lengths)
        else:
            np.add(self.sketch.parent, self._moves(picks, lengths, len(offspring)), out=offspring)
            clip(offspring, self.sketch.clean)

    def _step(self, offspring: np.ndarray, picks: np.ndarray, lengths: np.ndarray) -> None:
        """Fill in offspring (B, G) that move along one coefficient each: they differ from the parent in one block."""
        sketch, (places, moves) = self.sketch, self.basis.patches(picks)
        moves *= lengths[:, None]
        if sketch.masked:
            moves *= sketch.free[places]
        moves += sketch.parent[places]
        clip(moves, sketch.clean[places])
        offspring[0] = sketch.parent
        clip(offspring[0], sketch.clean)
        offspring[1:] = offspring[0]
        places += np.arange(len(offspring))[:, None] * offspring.shape[1]
        np.put(offspring, places, moves)

    def _moves(self, picks: np.ndarray, lengths: np.ndarray, count: int) -> NDArray[np.float32]:
        """Return moves (count, G) along coefficients (count * together,), shared out at random."""
        coefficients = np.zeros((count, len(self.unknown)), np.float32)
        rows = np.repeat(np.arange(count), self.together)
        coefficients[rows, self.rng.permutation(picks)] = lengths / np.float32(np.sqrt(self.together))
        moves = self.basis.images(coefficients)
        if self.sketch.masked:
            moves *= self.sketch.free
        return moves

    def learn(self, moves: np.ndarray, changes: np.ndarray) -> None:
        """Learn how fast slopes go out of date, from what the probes' moves (B, G) changed in the log-scores (B, k)."""
        last = self._last
        if last is None or not (again := last.unknown < AGAIN).any():
            return
        moves = moves[again]
        found = self.sketch.goal.gap(changes[again])[:, last.rival]
        surprises = (found - moves @ last.gradient) ** 2
        expected = np.einsum("bg,bg->b", moves, moves) * (last.unknown * last.energies)[again]
        self.fade = faded(self.fade, surprises, expected)

    def _expected(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return the expected energies (G,) of all coefficients, given the present estimate (G,) of the gradient."""
        known = 1 - self.unknown
        # A probe of many coefficients shows their sum, of which the sketch gives each an equal part.
        measured = self.basis.coefficients(gradient).astype(np.float64) ** 2 / np.maximum(known, 1 / self.together)
        expected = self.energy.predict(measured, known)
        return np.asarray(expected + OWN * known * (measured - expected))


def benefits(unknown: np.ndarray, energies: np.ndarray) -> NDArray[np.float64]:
    """Return what it is worth to measure each coefficient (G,), of which the share `unknown` is not known.

    A measurement shows unknown * energy. Where little is unknown it is worth less, because a coefficient that is
    measured often is soon measured again, so that the new value serves for less time. That time is proportional to the
    age of the old value, and so is the share that is unknown; hence the square.

    References
    ----------
    Whittle's index for costs that rise with age: Kadota, Sinha, Uysal-Biyikoglu, Singh and Modiano, *Scheduling
    Policies for Minimizing Age of Information in Broadcast Wireless Networks* (2018).
    """
    return np.asarray(unknown**2 * energies)


def choose(worth: np.ndarray, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the places (count,) of the greatest of `worth` (G,), at least 0; ties are drawn.

    If there are fewer than `count`, they are repeated.
    """
    drawn = worth * (-1e-6 * rng.random(len(worth)) - 1)
    if count >= len(drawn):
        return np.resize(np.argsort(drawn, kind="stable"), count)
    return np.argpartition(drawn, count)[:count]


def faded(fade: float, surprises: np.ndarray, expected: np.ndarray) -> float:
    """Return a better estimate of the share of what is known that a generation makes out of date.

    Parameters
    ----------
    fade : float
        The last estimate.
    surprises : ndarray
        Squared differences (B,) between the changes found and those foreseen by the slopes known before.
    expected : ndarray
        What they should be (B,) by the last estimate.
    """
    total = expected.sum()
    doubt = DOUBT * (total / len(expected))
    if total <= 0:
        return fade
    ratio = (surprises.sum() + doubt) / (total + doubt)
    return float(min(max(fade * np.sqrt(ratio), FADES[0]), FADES[1]))
