"""The steps of preset "default": trials on the way to the nearest noise that flips, and which of them to take.

Crossover recombines the mutants, weighted by the sketch, into the point of the linearised decision boundary that is
nearest to the clean image within grey levels 0..255 (the projection of DeepFool, Moosavi-Dezfooli et al. 2016, and of
FAB, Croce and Hein 2020, which have gradients where we have a sketch), and tries steps of several lengths towards it.
Selection makes the trial with the least estimated distance to the boundary the next parent. In large images the length
of the steps is limited by a trust region (Conn, Gould and Toint, *Trust-Region Methods*, 2000) until something flips.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engines.pygad.sketch import Sketch

# The trials of a generation. STEPS: shares of the way along the linearised boundary to its point nearest to the clean
# image. BEYOND: shares of ||r|| by which a trial goes past the linearised boundary, because the real one is curved.
STEPS = np.array([0.8, 0.4, 0.15, 0.15, 0.0], np.float32)
BEYOND = np.array([0.0, 0.0, 0.0, 0.003, 0.003], np.float32)
TRIALS = len(STEPS)
# The trials that approach the boundary as the norm does, where that is not along a straight line. The others stay on
# the line, so that there is a choice.
OWN_WAY = [1, 2, 4]
# In large images a step may fail because the log-scores are not linear that far. Until something flips, the parent is
# then kept, and the next trials go a few multiples of a radius far, which follows the trial that is taken: TOWARDS the
# nearest point of the linearised boundary, and DOWN the gap's gradient.
TOWARDS = np.array([4.0, 1.0, 0.25])
DOWN = np.array([2.0, 0.5])
SHRINK, LEAST = 0.25, 1.0  # factor of the radius where every trial fails, and its least value in grey levels
# All shares are multiplied by a stride. It shrinks where a trial that takes no share of the way is the best one, and
# grows, up to 1, where one of the longest is: near the end, a long way along a sketch that is not exact leads astray.
# After too many generations without a flip (see PATIENCE below) it is left alone.
LONG, LONGER, SHORTER, SHORTEST = 0.4, 1.1, 0.8, 0.01
RIVALS = 3  # nearest boundaries onto which the clean image is projected within grey levels, in each generation
RESTART = 20  # generations without any flip at all after which the search restarts from random noise
RESTART_SIGMA = 8.0  # sigma of that noise in grey levels; doubled each time
# Weight of the estimated distance to the boundary against the norm of the noise: above 1, so that flipping is worth it.
PENALTY = 1.5
EAGER = 5.0  # that weight while steps are limited, since the sketch promises too much there
# A sketch that is not exact may promise flips that do not come; on an ensemble, some members may have flipped while it
# says little about the slopes of the others. After PATIENCE generations without a flip, each further one multiplies the
# weight by RISE (at most MOST_RISES times), and trials go further past the boundary.
PATIENCE, RISE, MOST_RISES = 5, 1.3, 40
LARGE_PATIENCE = 10  # in large images
OVERDUE_STEPS = np.array([0.4, 0.0, 0.0, 0.0, 0.0], np.float32)
OVERDUE_BEYOND = np.array([0.0, 0.0, 0.05, 0.1, 0.2], np.float32)


class Boundary(NamedTuple):
    """The linearised boundary that a generation steps towards.

    Attributes
    ----------
    nearest, back, beyond : ndarray
        (G,) each, float32: the shortest noise within grey levels that reaches the boundary, the boundary's point
        nearest to the parent, and a move across the boundary as long as the noise is there.
    gradient : ndarray
        The gap's gradient (G,).
    excess : float
        By how much the gap of the clean image must fall.
    """

    nearest: NDArray[np.float32]
    back: NDArray[np.float32]
    beyond: NDArray[np.float32]
    gradient: NDArray[np.floating]
    excess: float


class Steps:
    """Makes the trials (TRIALS, G) of each generation and moves the sketch's parent to the best one."""

    def __init__(self, sketch: Sketch, rng: np.random.Generator) -> None:
        self.sketch, self.rng = sketch, rng
        genes, classes = len(sketch.parent), len(sketch.classes)
        self.trials, self.trial_scores = np.empty((0, genes), np.float32), np.empty((0, classes))
        self.generations, self.flipped = 0, False
        self.without_flip = 0  # generations since the last one with a flip
        self.restarting = False  # whether the first trial is random noise, from which the search starts again
        self.shares, self.stride = STEPS, 1.0  # the trials' shares of the way, before they are multiplied by the stride
        self.radius = np.inf  # L2 of the steps for which the sketch is trusted, in grey levels; infinite without limit

    def tell(self, trials: np.ndarray, log_scores: np.ndarray, flipped: bool) -> None:
        """Keep a generation's trials (T, G) with the watched log-scores (T, k), and whether anything in it flipped."""
        self.generations += 1
        self.flipped = self.flipped or flipped
        self.without_flip = 0 if flipped else self.without_flip + 1
        self.trials, self.trial_scores = trials.copy(), log_scores

    def select(self) -> None:
        """Make the best trial the parent, and learn from the move to it."""
        if not len(self.trials):
            return
        sketch = self.sketch
        if self.restarting and not self.flipped:
            sketch.forget()
            self.radius = np.inf
            self._move(0)
            return
        price = EAGER if self.limited else PENALTY
        best = int(self._merits(self.trials, self.trial_scores, price).argmin())
        if self.flipped and self.shares is STEPS:
            self._adapt_stride(float(self.shares[best]))
        taken = self.flipped or not sketch.large or self._trusted(best)
        learnt = best if taken else int(self._lengths().argmin())
        move, change = self.trials[learnt] - sketch.parent, self.trial_scores[learnt] - sketch.log_scores
        if move.any():
            sketch.learn(move[None], change[None])
        if taken:
            self._move(best)

    def _adapt_stride(self, share: float) -> None:
        """Adapt the stride to the share of the way that the best trial took."""
        factor = LONGER if share >= np.float32(LONG) else SHORTER if share == 0 else 1
        self.stride = min(max(self.stride * factor, SHORTEST), 1.0)

    def _move(self, trial: int) -> None:
        """Make a trial the parent."""
        self.sketch.parent, self.sketch.log_scores = self.trials[trial], self.trial_scores[trial]

    @property
    def limited(self) -> bool:
        """Whether steps are limited by the radius: after one has failed, until something flips."""
        return not self.flipped and np.isfinite(self.radius)

    def _lengths(self) -> NDArray[np.float64]:
        """Return how far the trials are from the parent (T,), L2 in grey levels."""
        return np.asarray(np.linalg.norm(self.trials - self.sketch.parent, axis=1), np.float64)

    def _trusted(self, best: int) -> bool:
        """Adapt the radius to the best trial; return whether it is better than the parent."""
        sketch, lengths = self.sketch, self._lengths()
        noise = np.stack((self.trials[best], sketch.parent))
        there, here = self._merits(noise, np.stack((self.trial_scores[best], sketch.log_scores)), EAGER)
        if there >= here:
            self.radius = max(SHRINK * min(self.radius, float(lengths.min())), LEAST)
        elif self.limited:
            self.radius = max(float(lengths[best]), LEAST)
        return bool(there < here)

    def cross(self, trials: np.ndarray) -> None:
        """Fill in trials (TRIALS, G) on the way to the nearest point of the boundary."""
        boundary = self._boundary()
        nearest, back, beyond = boundary[:3]
        self.shares, past = (OVERDUE_STEPS, OVERDUE_BEYOND) if self._overdue else (STEPS, BEYOND)
        steps = self.shares * np.float32(self.stride)
        trials[:] = back + steps[:, None] * (nearest - back) + past[:, None] * beyond
        if self.limited:
            trials[:] = self._limited(nearest, back)
        elif not self.sketch.norm.straight:
            trials[OWN_WAY] = self._approach(boundary, steps[OWN_WAY], past[OWN_WAY])
        self.restarting = not self.flipped and self.generations % RESTART == 0
        if self.restarting:
            sigma = RESTART_SIGMA * 2.0 ** (self.generations // RESTART - 1)
            noise = self.rng.standard_normal(len(nearest), np.float32)
            trials[0] = noise * np.float32(sigma) * self.sketch.free

    def _limited(self, nearest: np.ndarray, back: np.ndarray) -> NDArray[np.float32]:
        """Return trials (TRIALS, G) about a radius from the parent; those down the gradient may cross the boundary."""
        parent, trials = self.sketch.parent, []
        for way, lengths, most in ((nearest - parent, TOWARDS, 1.0), (back - parent, DOWN, np.inf)):
            shares = np.minimum(lengths * self.radius / max(float(np.linalg.norm(way)), 1e-12), most)
            trials.append(parent + shares.astype(np.float32)[:, None] * way)
        return np.concatenate(trials)

    def _approach(self, boundary: Boundary, steps: np.ndarray, past: np.ndarray) -> NDArray[np.float32]:
        """Return trials (T, G) that go shares (T,) of the norm's own way, and shares `past` (T,) across the boundary.

        Straight lines to the shortest noise in Linf and L1 move values that are small enough already.
        """
        norm, pixels, parent = self.sketch.norm, self.sketch.clean.astype(float), self.sketch.parent.astype(float)
        gradient, excess = boundary.gradient.astype(float), boundary.excess
        slope = max(float(norm.slope(gradient)), 1e-12)
        falls = excess + past * max(float(norm.length(parent)) * slope, excess)
        ways = zip(falls, steps, strict=True)
        trials = [norm.approach(pixels, parent, gradient, fall[None], float(step))[0] for fall, step in ways]
        return np.stack(trials).astype(np.float32)

    def _merits(self, noise: np.ndarray, log_scores: np.ndarray, price: float) -> NDArray[np.float64]:
        """Return the estimated norms (T,) of the nearest flips, from noises (T, G) with log-scores (T, k).

        The price is the weight of the estimated distance to the boundary.
        """
        sketch = self.sketch
        distances = np.maximum(sketch.gaps(log_scores), 0) / sketch.gradients()[1]
        price *= RISE**self._overdue
        return sketch.norm.quick_length(noise) + price * sketch.goal.remaining(distances)

    @property
    def _overdue(self) -> int:
        """The number of generations for which a flip has been overdue."""
        patience = LARGE_PATIENCE if self.sketch.large else PATIENCE
        return min(max(0, self.without_flip - patience), MOST_RISES)

    def _boundary(self) -> Boundary:
        """Find where the linearised boundary comes nearest to the clean image."""
        sketch, norm = self.sketch, self.sketch.norm
        gaps, (gradients, slopes) = sketch.gaps(sketch.log_scores), sketch.gradients()
        # On the boundary with class k, gradients[k] . r = -excess[k]; without the box the least r has length norms[k].
        excess = gaps - gradients @ sketch.parent
        norms = excess / slopes
        rivals = list(sketch.goal.candidates(norms, RIVALS))
        nearest, k, least = np.zeros_like(sketch.parent), int(rivals[0]), np.inf
        for rival in rivals:
            if norms[rival] >= least:  # within grey levels the noise can only be longer
                break
            found = norm.project(sketch.clean, gradients[rival], float(excess[rival]))
            length = float(norm.quick_length(found))
            if length < least:
                nearest, k, least = found, int(rival), length
        square = max(float(gradients[k] @ gradients[k]), 1e-24)
        back = sketch.parent - np.float32(gaps[k] / square) * gradients[k]
        beyond = np.float32(-norm.quick_length(back) * slopes[k] / square) * gradients[k]
        return Boundary(nearest, back, beyond, gradients[k], float(excess[k]))
